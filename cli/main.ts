import * as path from "node:path";
import { assertTlsVerified } from "../kuma";
import { parseArguments } from "./arguments";
import { exitStatusOf, messageOf } from "./errors";
import { destroy, preview, refresh, up } from "./operations";
import { preflight } from "./preflight";
import { tell } from "./print";
import { status } from "./status";

const COMMANDS = { up, preview, preflight, refresh, status, destroy };

async function main(): Promise<number> {
  const args = parseArguments(process.argv.slice(2));
  assertTlsVerified();
  // settings and state name files relative to the project
  const root = path.dirname(__dirname);
  process.chdir(root);
  return COMMANDS[args.command](root, args);
}

// a reader such as head may end before this does; what is under way goes on
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

main().then(
  (status) => (process.exitCode = status),
  (error) => {
    tell(`error: ${messageOf(error)}`);
    process.exitCode = exitStatusOf(error);
  },
);
