import { CommandError } from "@pulumi/pulumi/automation";
import { KumaError } from "../kuma";
import { ToolchainError } from "../toolchain/errors";

/** A command line that makes no sense. */
export class UsageError extends Error {}

/** The engine's operation failed; what it said has been shown already. */
export class OperationFailed extends Error {}

/** What to print for an error: the message alone where it is meant for people. */
export function messageOf(error: unknown): string {
  const forPeople = [UsageError, OperationFailed, KumaError, ToolchainError];
  if (forPeople.some((kind) => error instanceof kind)) return (error as Error).message;
  if (error instanceof CommandError) return `The Pulumi engine failed. ${firstError(error.message)}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function firstError(output: string): string {
  return /^\s*error: (.*)$/m.exec(output)?.[1] ?? output;
}
