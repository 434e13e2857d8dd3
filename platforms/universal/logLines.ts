import * as fs from "node:fs";
import { errorsOf } from "../errorLines";
import { ControlPlaneProcess } from "./controlPlaneProcess";

/** The most of a log that is looked at. */
const MOST_BYTES = 1024 * 1024;

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
