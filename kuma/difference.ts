import { enumerated } from "./lists";
import { Resource, canonicalJson, contentOf, digest, isSecret } from "./resource";

/** Characters of a value that are shown; a longer one is named by its field alone. */
const LONGEST_SHOWN = 40;
/** Fields shown of one resource. */
const MOST_FIELDS = 8;

/** Paths whose values are never shown, as a resource that is no Secret may hold a key or a password in place. */
const MAY_BE_SECRET =
  /inline|secret|password|passwd|token|key|credential|auth|cert|header|cookie|data|value|url|env|patch|template/i;

/** Where two resources of one key differ, for people: fields with both values where these are short; secrets as digests. */
export function describeDifference({
  resource,
  existing,
}: {
  resource: Resource;
  existing?: Resource;
}): string {
  if (!existing) return digest(resource);
  if (isSecret(resource)) return `zone ${digest(resource)}, global ${digest(existing)}`;
  const fields = differences(contentOf(resource), contentOf(existing)).map(({ path, a, b }) =>
    mayBeShown(path, a) && mayBeShown(path, b) ? `${path} (zone ${shown(a)}, global ${shown(b)})` : path,
  );
  return `differs in ${enumerated(fields, MOST_FIELDS)}`;
}

function mayBeShown(path: string, value: unknown): boolean {
  if (MAY_BE_SECRET.test(path) || (value !== null && typeof value === "object")) return false;
  return typeof value !== "string" || (value.length <= LONGEST_SHOWN && /^[\w ./%*+-]*$/.test(value));
}

function shown(value: unknown): string {
  return value === undefined ? "none" : JSON.stringify(value);
}

interface Difference {
  path: string;
  a: unknown;
  b: unknown;
}

/** The fields in which two documents differ, down to the innermost ones. */
export function differences(a: unknown, b: unknown, path = ""): Difference[] {
  if (canonicalJson(a) === canonicalJson(b)) return [];
  const isObject = (value: unknown): value is Record<string, unknown> =>
    value !== null && typeof value === "object";
  if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b))
    return [{ path: path || ".", a, b }];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .sort()
    .flatMap((field) => differences(a[field], b[field], path === "" ? field : `${path}.${field}`));
}
