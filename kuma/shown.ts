import { MAY_BE_SECRET } from "./api/refusals";

/** Characters of a value that are shown; a longer one is named by its field alone. */
const LONGEST_SHOWN = 40;

/** Whether the value of a field can be told to people as it is. */
export function mayBeShown(path: string, value: unknown): boolean {
  if (MAY_BE_SECRET.test(path) || (value !== null && typeof value === "object")) return false;
  return typeof value !== "string" || (value.length <= LONGEST_SHOWN && /^[\w ./%*+-]*$/.test(value));
}

export function shown(value: unknown): string {
  return value === undefined ? "none" : JSON.stringify(value);
}
