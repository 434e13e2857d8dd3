import * as fs from "node:fs";
import * as path from "node:path";
import { markOf, markedProcess } from "../../toolchain/process/processId";
import { ofStack } from "../commandLine/ofStack";
import { UsageError } from "../commandLine/usageError";
import type { Standing } from "../stack/standing/standing";
import { stateDirectory } from "../stack/stateDirectory";
import { print } from "../terminal/print";
import { type Failure, putBack } from "./failure";
import { removeTraces } from "./traces";
import type { DrillName } from "./promises";

/** A drill that was begun from this clone and has not put back everything. */
export interface Note {
  drill: DrillName;
  zone: string;
  /** Of the markers that are written. */
  mesh: string;
  failure: Failure;
  /** Which process is at it. */
  process: string;
}

/** Kept beside the engine's copy of the stack's file, and gone with it. */
function fileOf(root: string, stack: string): string {
  return path.join(stateDirectory(root), "workspace", stack, "drill.json");
}

/** Before anything is broken; replaced at once, as one that is cut short would put back nothing. */
export function write(root: string, stack: string, note: Omit<Note, "process">): void {
  const file = fileOf(root, stack);
  fs.writeFileSync(`${file}.new`, JSON.stringify({ ...note, process: markOf(process.pid) }), { mode: 0o600 });
  fs.renameSync(`${file}.new`, file);
}

export function forget(root: string, stack: string): void {
  fs.rmSync(fileOf(root, stack), { force: true });
}

export function readNote(root: string, stack: string): Note | undefined {
  const file = fileOf(root, stack);
  return fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, "utf8")) as Note) : undefined;
}

/** One clause of a drill that goes on, or was killed, for who looks meanwhile. */
export function drillUnderWay(root: string, stack: string): string | undefined {
  const note = readNote(root, stack);
  if (!note) return undefined;
  const what = `the drill ${note.drill} of zone ${note.zone}`;
  return markedProcess(note.process) === undefined
    ? `${what} was killed and has put nothing back: npm run up${ofStack(stack)} does`
    : `${what} is under way`;
}

/** Puts back what a drill that was killed has left broken. Fails where one goes on. */
export async function putBackKilled(
  root: string,
  stack: string,
  standing: () => Promise<Standing>,
): Promise<void> {
  const note = readNote(root, stack);
  if (!note) return;
  const pid = markedProcess(note.process);
  if (pid !== undefined)
    throw new UsageError(
      `The drill ${note.drill} of stack ${stack} is under way (process ${pid}), so nothing was done. Wait until it has ended.`,
    );
  await putBack(note.failure, standing);
  await removeTraces(await standing(), note);
  forget(root, stack);
  print(`The drill ${note.drill} of zone ${note.zone} was killed; what it had broken is put back.`);
}
