import type { CommandError } from "@pulumi/pulumi/automation";
import { KumaError } from "../../kuma/errors";
import { ToolchainError } from "../../toolchain/errors";
import { UsageError } from "../commandLine/usageError";

/** Everything could be done and looked at, and there is a problem. */
export const EXIT_PROBLEM = 1;
/** Something could not be done. */
export const EXIT_ERROR = 2;
/** Nothing is wrong in what could be looked at, and something could not be. */
export const EXIT_NOT_ALL = 3;

export { UsageError };

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
  const ofDisk = error instanceof Error && diskMessage(error);
  if (ofDisk) return ofDisk;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Faults of a disk, by the code that Node gives and by the words of programs that are none of Node's. */
const DISK_FAULTS: readonly (readonly [codes: RegExp, what: string, remedy: string])[] = [
  [/\bENOSPC\b|no space left on device/i, "the disk is full", "Make room, and run it again"],
  [
    /\bEDQUOT\b|disk quota exceeded/i,
    "this user's quota of the disk is used up",
    "Make room, and run it again",
  ],
  [
    /\bEROFS\b|read-only file system/i,
    "the file system is read-only",
    "Name a directory that can be written with the variable KUMA_FEDERATION_STATE, and run it again",
  ],
  [
    /\b(EACCES|EPERM)\b|permission denied/i,
    "this user may not do that",
    "Name a directory that can be written with the variable KUMA_FEDERATION_STATE, and run it again",
  ],
];

/** What happened where a file cannot be written; undefined for any other error. */
export function diskMessage(error: NodeJS.ErrnoException): string | undefined {
  const text = `${error.code ?? ""} ${error.message}`;
  const fault = DISK_FAULTS.find(([codes]) => codes.test(text));
  if (!fault) return undefined;
  const [, what, remedy] = fault;
  const place = error.path ?? "A file of the state directory";
  const may = /may not/.test(what) ? "read or written" : "written";
  return (
    `${place} cannot be ${may}: ${what}. The command has ended there; control planes that run go on as they are. ` +
    `${remedy}: it goes on where it ended.`
  );
}

/** Names of what Pulumi's SDK throws where its engine fails (@pulumi/pulumi 3.248, automation/errors.ts). */
const OF_ENGINE = /^(Command|ConcurrentUpdate|StackNotFound|StackAlreadyExists)Error$/;

/** By its name: the SDK is loaded where an engine is needed, and a fault before that is told without it. */
export function isCommandError(error: unknown): error is CommandError {
  return error instanceof Error && OF_ENGINE.test(error.name);
}

/** What the engine says when it fails before it has begun. */
export function engineMessage(error: CommandError): string {
  const { message } = error;
  const ofDisk = /permission denied/i.test(message) ? undefined : diskMessage(error);
  if (ofDisk) return ofDisk;
  if (/stack '[^']*' already exists/.test(message)) {
    return (
      "Another run has begun to make this stack at the same moment. Nothing was changed by this one. " +
      "Wait until the other one has ended, and run it again."
    );
  }
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
