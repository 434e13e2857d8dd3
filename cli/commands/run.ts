import { assertTlsVerified, exemptLoopback } from "../../kuma";
import type { StackConfig } from "../../stack/config";
import type { Arguments } from "../commandLine/arguments";
import type { Command } from "../commandLine/commands";
import { watchSignals } from "../terminal/interruption";

/** Runs a command, and gives its exit status. The settings are those of its stack, where it is one that begins with them. */
type Run = (root: string, args: Arguments, config: StackConfig) => Promise<number>;

/** Each loads what it needs when it is run. */
const RUN: Record<Command, () => Run> = {
  up: () => (require("./up") as typeof import("./up")).up,
  preview: () => (require("./preview") as typeof import("./preview")).preview,
  preflight: () => (require("./preflight") as typeof import("./preflight")).preflight,
  "pr-comment": () => (require("./pr-comment") as typeof import("./pr-comment")).prComment,
  "drift-issue": () => (require("./drift-issue") as typeof import("./drift-issue")).driftIssue,
  refresh: () => (require("./refresh") as typeof import("./refresh")).refresh,
  status: () => (require("./status") as typeof import("./status")).status,
  addresses: () => (require("./addresses") as typeof import("./addresses")).addresses,
  destroy: () => (require("./destroy") as typeof import("./destroy")).destroy,
  secret: () => (require("./secret") as typeof import("./secret")).secret,
};

export function runCommand(root: string, args: Arguments, config: StackConfig | undefined): Promise<number> {
  exemptLoopback(process.env);
  assertTlsVerified();
  watchSignals(args.command, args.stack);
  return RUN[args.command]()(root, args, config as StackConfig);
}
