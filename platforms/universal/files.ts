import * as fs from "node:fs";
import * as path from "node:path";

/** The files of a control plane, which nobody but their owner may read. */
export interface OwnFiles {
  /** The path of a file of that name. */
  file(name: string): string;
  writeFile(name: string, content: string): string;
}

/** The text of a file; undefined when it, or the process that it tells of, is not there. */
export function readIfThere(file: string): string | undefined {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

/** Writes a file for its owner only, whole or not at all. */
export function writeOwn(file: string, content: string): void {
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  fs.writeFileSync(`${file}.new`, content, { mode: 0o600 });
  fs.renameSync(`${file}.new`, file);
}
