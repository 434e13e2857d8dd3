import * as fs from "node:fs";
import * as path from "node:path";
import { PACKAGE_ROOT } from "../../toolchain/packageRoot";
import { COMMANDS } from "./commands";

/** A package that another project has installed has the commands in its program; a clone, in the scripts of npm. */
const isClone = fs.existsSync(path.join(PACKAGE_ROOT, "package-lock.json"));

const CALLS = new RegExp(`npm run (${Object.keys(COMMANDS).join("|")}|<command>)( --(?= ))?`, "g");

/** A text with the commands that it names as they are typed here; texts name them as they are typed in a clone. */
export function asTyped(text: string, inClone = isClone): string {
  return inClone ? text : text.replace(CALLS, "kuma-federation $1");
}
