import * as fs from "node:fs";
import { ControlPlaneProcess } from "./controlPlaneProcess";

/** The most of a log that is looked at, and the most that is shown of it. */
const MOST_BYTES = 1024 * 1024;
const MOST_LINES = 5;
const MOST_CHARACTERS = 400;

/** Notes where the log of a control plane ends; what it gives picks the errors that were added since. */
export function logFrom(process: ControlPlaneProcess): () => string[] {
  const file = process.file("kuma-cp.log");
  const begin = sizeOf(file);
  return () => {
    const from = Math.max(begin, sizeOf(file) - MOST_BYTES);
    const added = fs.existsSync(file) ? fs.readFileSync(file).subarray(from).toString("utf8") : "";
    return errorsOf(added);
  };
}

function sizeOf(file: string): number {
  return fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** Lines that tell of an error, the last of each kind, as short as a message can hold them. */
export function errorsOf(log: string): string[] {
  const kinds = new Map<string, string>();
  for (const line of log.split("\n")) {
    if (!/\bERROR\b|^Error: /.test(line)) continue;
    const text = line
      .replace(/^\d\S*\s+/, "")
      .replaceAll(/\s+/g, " ")
      .replace(/\s+at .*$/, "");
    const kind = text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|\d+/g, "");
    kinds.delete(kind);
    kinds.set(kind, text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text);
  }
  return [...kinds.values()].slice(-MOST_LINES);
}
