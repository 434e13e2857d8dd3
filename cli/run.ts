import { assertTlsVerified, exemptLoopback } from "../kuma";
import type { Arguments } from "./arguments";
import { watchSignals } from "./interruption";
import { destroy, preview, refresh, up } from "./operations";
import { preflight } from "./preflight";
import { secret } from "./secret";
import { status } from "./status";

const COMMANDS = { up, preview, preflight, refresh, status, destroy, secret };

export function runCommand(root: string, args: Arguments): Promise<number> {
  exemptLoopback(process.env);
  assertTlsVerified();
  watchSignals(args.command, args.stack);
  return COMMANDS[args.command](root, args);
}
