import type { StackConfig } from "../../stack/config";
import { memberNames } from "../../stack/waves";
import { ACCEPT_VARIABLE } from "../../resources/options/acceptedDifferences";
import { ON_UNDO_VARIABLE } from "../../resources/options/undoMode";
import { MEMBERS_VARIABLE } from "../../resources/options/members";
import { FOUND } from "../../resources/provider/errorCode";
import { EXIT_ERROR, EXIT_PROBLEM, OperationFailed, engineMessage, isCommandError } from "../terminal/errors";
import { interruptible } from "../terminal/interruption";
import { print } from "../terminal/print";
import { Progress } from "../terminal/progress";

/** What the stack file says of what the state does not know yet. */
export function tellProviders(config: StackConfig): void {
  const { onUndo, acceptDifferences } = config;
  process.env[ON_UNDO_VARIABLE] = onUndo;
  process.env[MEMBERS_VARIABLE] = memberNames(config).join();
  process.env[ACCEPT_VARIABLE] = JSON.stringify(acceptDifferences);
}

/** Runs an operation of the engine; returns how many resources it changed. */
export async function run(
  operation: (progress: Progress, signal: AbortSignal) => Promise<unknown>,
  { isPreview = false, silent = false } = {},
): Promise<number> {
  const progress = new Progress(silent ? () => {} : print, isPreview);
  try {
    await withPlainStacks(() => interruptible(progress, (signal) => operation(progress, signal)));
  } catch (error) {
    if (!isCommandError(error)) throw error;
    const told = progress.errors.length > 0 ? progress.errors : [{ text: engineMessage(error) }];
    const text = [...new Set(told.map((each) => each.text))].join("\n");
    throw new OperationFailed(text, told.every(({ code }) => code === FOUND) ? EXIT_PROBLEM : EXIT_ERROR);
  }
  return progress.changes;
}

/**
 * Pulumi takes the stack of each promise that it makes (@pulumi/pulumi 3.248, runtime/debuggable.ts), and nobody sees one: to walk the
 * whole stack, and to look up the line of the source, would be a fifth of a run with many zones. Of an error's stack, too, the first
 * line is left: where it was thrown.
 */
async function withPlainStacks(work: () => Promise<unknown>): Promise<void> {
  const isMapped = process.execArgv.includes("--enable-source-maps");
  const { stackTraceLimit } = Error;
  if (isMapped) process.setSourceMapsEnabled(false);
  Error.stackTraceLimit = 1;
  try {
    await work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    if (isMapped) process.setSourceMapsEnabled(true);
  }
}
