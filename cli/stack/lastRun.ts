import * as fs from "node:fs";
import * as path from "node:path";
import type { Command } from "../commandLine/commands";
import { isAlive } from "../../toolchain/process/processId";
import { Interrupted } from "../terminal/interruption";
import { stateDirectory } from "./stateDirectory";

/** What was begun with a stack from this clone, and has not ended well. */
interface Run {
  command: Command;
  /** RFC 3339. */
  begun: string;
  pid: number;
  /** Left out where it goes on, or was killed. */
  ended?: "failed" | "interrupted";
}

/** Kept beside the engine's copy of the stack's file, and gone with it. */
function fileOf(root: string, stack: string): string {
  return path.join(stateDirectory(root), "workspace", stack, "unfinished-run.json");
}

/** Keeps a note of an operation for as long as it has not ended well, however this process ends. */
export async function noted<T>(
  root: string,
  stack: string,
  command: Command,
  operation: () => Promise<T>,
): Promise<T> {
  const file = fileOf(root, stack);
  const run: Run = { command, begun: new Date().toISOString(), pid: process.pid };
  const write = (more: Partial<Run> = {}) => {
    try {
      fs.writeFileSync(file, JSON.stringify({ ...run, ...more }), { mode: 0o600 });
    } catch {
      // a note less is no reason not to take a stack down, as where the disk is full
    }
  };
  write();
  try {
    const result = await operation();
    fs.rmSync(file, { force: true });
    return result;
  } catch (error) {
    write({ ended: error instanceof Interrupted ? "interrupted" : "failed" });
    throw error;
  }
}

/** One clause of the last run where it did not end well: what, when, how. */
export function unfinishedRun(root: string, stack: string): string | undefined {
  const file = fileOf(root, stack);
  if (!fs.existsSync(file)) return undefined;
  let run: Run;
  try {
    run = JSON.parse(fs.readFileSync(file, "utf8")) as Run;
  } catch {
    // cut short while it was written
    return "the last run was killed";
  }
  const { command, begun, pid, ended } = run;
  const when = `the last run (npm run ${command} of ${begun.slice(0, 19).replace("T", " ")} UTC)`;
  if (ended === "failed") return `${when} failed`;
  if (ended === "interrupted") return `${when} was interrupted`;
  return isAlive(pid) ? `${when} still runs (process ${pid})` : `${when} was killed`;
}
