import type { CommandError } from "@pulumi/pulumi/automation";
import { KumaError } from "../kuma/errors";
import { ToolchainError } from "../toolchain/errors";
import { UsageError } from "./usageError";

export { UsageError };

/** Something could not be done. */
export const EXIT_ERROR = 2;

/** The engine's operation failed; the message is what it said. */
export class OperationFailed extends Error {
  constructor(
    message: string,
    readonly exitStatus = EXIT_ERROR,
  ) {
    super(message);
  }
}

export function exitStatusOf(error: unknown): number {
  return error instanceof OperationFailed ? error.exitStatus : EXIT_ERROR;
}

/** What to print for an error: the message alone where it is meant for people. */
export function messageOf(error: unknown): string {
  const forPeople = [UsageError, OperationFailed, KumaError, ToolchainError];
  if (forPeople.some((kind) => error instanceof kind)) return (error as Error).message;
  if (isCommandError(error)) return engineMessage(error);
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Names of what Pulumi's SDK throws where its engine fails (@pulumi/pulumi 3.248, automation/errors.ts). */
const OF_ENGINE = /^(Command|ConcurrentUpdate|StackNotFound|StackAlreadyExists)Error$/;

/** By its name: the SDK is loaded where an engine is needed, and a fault before that is told without it. */
export function isCommandError(error: unknown): error is CommandError {
  return error instanceof Error && OF_ENGINE.test(error.name);
}

/** What the engine says when it fails before it has begun. */
export function engineMessage({ message }: CommandError): string {
  const lock = /created by (\S+) \(pid (\d+)\) at (\S+)/.exec(message);
  if (lock) {
    const [, who, pid, when] = lock;
    return (
      `Another run is at work on this stack: process ${pid} of ${who}, since ${when}. Nothing was changed by this one. ` +
      `Wait until it has ended. If it is gone and was on another machine, set the stack free with "pulumi cancel".`
    );
  }
  return `The Pulumi engine failed: ${/^\s*error: (.*)$/m.exec(message)?.[1] ?? message}`;
}
