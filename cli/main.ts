import * as fs from "node:fs";
import * as path from "node:path";
import type { StackConfig } from "../stack/config";
import { type Arguments, parseArguments } from "./commandLine/arguments";
import { declarationOf } from "./commandLine/commands";
import { print, tell } from "./terminal/print";

/** What a command line asks for is known, and refused, before the program itself is loaded. */
async function main(): Promise<number> {
  const args = parseArguments(process.argv.slice(2), process.env);
  if ("help" in args) {
    print(args.help);
    return 0;
  }
  const { PACKAGE_ROOT } = require("../toolchain/packageRoot") as typeof import("../toolchain/packageRoot");
  // settings and state name files relative to the project: the checkout, or that in which this package is installed
  const root = fs.existsSync(path.join(PACKAGE_ROOT, "Pulumi.yaml")) ? PACKAGE_ROOT : process.cwd();
  process.chdir(root);
  if (!["preview", "refresh"].includes(args.command) || args.output !== "json")
    return runWithSettings(root, args);
  const { tellingFailure } = require("./failed") as typeof import("./failed");
  return tellingFailure(args, () => runWithSettings(root, args));
}

async function runWithSettings(root: string, args: Arguments): Promise<number> {
  // the settings come first, but for what does without them or with a copy of them
  let config: StackConfig | undefined;
  if (!declarationOf(args.command).withoutSettings) {
    const { readConfigOf } = require("./stack/file/stackFile") as typeof import("./stack/file/stackFile");
    config = readConfigOf(root, args.stack);
  }
  const { runCommand } = require("./commands/run") as typeof import("./commands/run");
  return runCommand(root, args, config);
}

// a reader such as head, or the terminal, may end before this does; what is under way goes on
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
  });

main().then(
  (status) => (process.exitCode = status),
  (error) => {
    const { exitStatusOf, messageOf } = require("./terminal/errors") as typeof import("./terminal/errors");
    tell(`error: ${messageOf(error)}`);
    process.exitCode = exitStatusOf(error);
  },
);
