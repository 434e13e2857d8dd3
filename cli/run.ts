import { assertTlsVerified } from "../kuma";
import type { Arguments } from "./arguments";
import { watchSignals } from "./interruption";
import { destroy, preview, refresh, up } from "./operations";
import { preflight } from "./preflight";
import { status } from "./status";

const COMMANDS = { up, preview, preflight, refresh, status, destroy };

export function runCommand(root: string, args: Arguments): Promise<number> {
  assertTlsVerified();
  watchSignals(args.command, args.stack);
  return COMMANDS[args.command](root, args);
}
