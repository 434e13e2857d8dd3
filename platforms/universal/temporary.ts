import * as fs from "node:fs";
import * as path from "node:path";
import { markOf, markedProcess } from "../../toolchain/process/processId";
import { ControlPlaneProcess } from "./controlPlaneProcess";
import { readIfThere } from "./files";

/** Names the command that a control plane was started for, and with which it goes. */
const TEMPORARY = "temporary";

/** A control plane of this machine, as a command finds it that only looks. */
export type Found = "absent" | "stopped" | "running";

/** One that an earlier command should have taken down, and could not as it was killed, is this one's to take down. */
export function findProcess(process: ControlPlaneProcess): Found | "leftBehind" {
  if (process.settings() === undefined) return "absent";
  const owner = readIfThere(process.file(TEMPORARY));
  if (owner !== undefined && markedProcess(owner) === undefined) return "leftBehind";
  return process.isRunning() ? "running" : "stopped";
}

/** Control planes that run as long as one command looks at them; nothing of them is left. */
export class TemporaryProcesses {
  private readonly processes: ControlPlaneProcess[] = [];
  /** A signal or a fault ends the command where it stands, see cli/interruption.ts. */
  private readonly atExit = () => this.processes.filter(isMine).forEach(removeNow);

  constructor() {
    process.once("exit", this.atExit);
  }

  /** Starts one where none was before. */
  async start(found: ControlPlaneProcess, begin: () => Promise<unknown>): Promise<void> {
    await found.remove();
    found.writeFile(TEMPORARY, me());
    this.processes.push(found);
    await begin();
  }

  async remove(): Promise<void> {
    for (const each of this.processes.filter(isMine)) {
      await each.remove();
      removeEmpty(path.dirname(each.directory));
    }
    process.off("exit", this.atExit);
  }
}

/** From here on it is there to stay, whoever has started it. */
export function keep(process: ControlPlaneProcess): void {
  fs.rmSync(process.file(TEMPORARY), { force: true });
}

function isMine(process: ControlPlaneProcess): boolean {
  return readIfThere(process.file(TEMPORARY)) === me();
}

function removeNow(process: ControlPlaneProcess): void {
  process.removeNow();
  removeEmpty(path.dirname(process.directory));
}

/** What was made for it above it: the places of the stack, and of its zones. */
function removeEmpty(directory: string, levels = 3): void {
  try {
    fs.rmdirSync(directory);
  } catch {
    // there are others
    return;
  }
  if (levels > 1) removeEmpty(path.dirname(directory), levels - 1);
}

function me(): string {
  return markOf(process.pid);
}
