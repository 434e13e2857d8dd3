import * as path from "node:path";
import { assertTlsVerified, exemptLoopback } from "../kuma";
import { parseArguments } from "./arguments";
import { messageOf } from "./errors";
import { destroy, preview, refresh, up } from "./operations";
import { preflight } from "./preflight";
import { tell } from "./print";
import { secret } from "./secret";
import { status } from "./status";

const COMMANDS = { up, preview, preflight, refresh, status, destroy };
const EXIT_ERROR = 2;

async function main(): Promise<number> {
  exemptLoopback(process.env);
  // settings and state name files relative to the project
  const root = path.dirname(__dirname);
  const [command, ...others] = process.argv.slice(2);
  if (command === "secret") {
    process.chdir(root);
    return secret(root, others);
  }
  const args = parseArguments(process.argv.slice(2));
  assertTlsVerified();
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
    process.exitCode = EXIT_ERROR;
  },
);
