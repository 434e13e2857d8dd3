import { isDeepStrictEqual } from "node:util";
import * as yaml from "js-yaml";
import { WITHOUT_DATES } from "../../../kuma";
import type { StackFile } from "./stackFile";

/**
 * The text of a stack's file with a secret in it, and with the salt that it is encrypted with. Lines of the user's stay as
 * they are, comments too, wherever the file is laid out as Pulumi lays it out.
 */
export function withSecret(text: string, key: string, value: unknown, encryptionsalt: unknown): string {
  const before = parsed(text);
  const salt = typeof encryptionsalt === "string" ? { encryptionsalt } : {};
  const wanted = { ...salt, ...before, ...salt, config: { ...before.config, [key]: value } };
  const edited = edit(text, key, value, salt);
  return edited !== undefined && isDeepStrictEqual(parsed(edited), wanted) ? edited : yaml.dump(wanted);
}

function edit(
  text: string,
  key: string,
  value: unknown,
  salt: { encryptionsalt?: string },
): string | undefined {
  const lines = text.replace(/\n*$/, "\n").split("\n");
  const entry = yaml
    .dump({ [key]: value })
    .trimEnd()
    .split("\n");
  const without = lines.filter(
    (_, at) => !isWithin(lines, at, key) && !lines[at].startsWith("encryptionsalt:"),
  );
  const config = without.findIndex((line) => /^config:\s*(#.*)?$/.test(line));
  if (config < 0) return undefined;
  without.splice(config + 1, 0, ...entry.map((line) => `  ${line}`));
  const { encryptionsalt } = salt;
  return [...(encryptionsalt === undefined ? [] : [`encryptionsalt: ${encryptionsalt}`]), ...without].join(
    "\n",
  );
}

/** Whether a line is of the setting: the one with its key, and the deeper ones below it. */
function isWithin(lines: readonly string[], at: number, key: string): boolean {
  const start = lines.slice(0, at + 1).findLastIndex((line) => /^ {0,2}\S/.test(line));
  return start >= 0 && new RegExp(`^  ["']?${key}["']?:`).test(lines[start]);
}

function parsed(text: string): StackFile {
  return (yaml.load(text, { schema: WITHOUT_DATES }) ?? {}) as StackFile;
}
