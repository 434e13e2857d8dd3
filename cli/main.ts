import * as fs from "node:fs";
import * as path from "node:path";
import { parseArguments } from "./arguments";
import { print, tell } from "./print";

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
  // so are the settings, but for what does without them or with a copy of them
  if (!["destroy", "secret"].includes(args.command)) {
    const { readConfigOf } = require("./stackFile") as typeof import("./stackFile");
    readConfigOf(root, args.stack);
  }
  const { runCommand } = require("./run") as typeof import("./run");
  return runCommand(root, args);
}

// a reader such as head, or the terminal, may end before this does; what is under way goes on
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
  });

main().then(
  (status) => (process.exitCode = status),
  (error) => {
    const { exitStatusOf, messageOf } = require("./errors") as typeof import("./errors");
    tell(`error: ${messageOf(error)}`);
    process.exitCode = exitStatusOf(error);
  },
);
