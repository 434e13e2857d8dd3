import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive, startTime } from "../../../toolchain/process/processId";

/** Milliseconds that processes have to end by themselves. */
const GRACE_MS = 2_000;

/**
 * The processes of a test run: those to which `directory`, or one below it, was given for temporary files. Where a
 * system does not show the environment of processes, only those that have left a pid file below it.
 */
export function processesOf(directory: string): number[] {
  return fs.existsSync("/proc/self/environ") ? byEnvironment(directory) : byPidFiles(directory);
}

function byEnvironment(directory: string): number[] {
  const isIn = (entry: string) => `${entry}/`.startsWith(`TMPDIR=${directory}/`);
  return fs
    .readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && environmentOf(pid).some(isIn) && isAlive(pid));
}

function environmentOf(pid: number): string[] {
  try {
    return fs.readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    // it has ended, or is another user's
    return [];
  }
}

/** Control planes below a directory that run: each has its id and its start time in a file. */
export function byPidFiles(directory: string): number[] {
  if (!fs.existsSync(directory)) return [];
  return fs
    .readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name === "pid")
    .map((entry) => fs.readFileSync(path.join(entry.parentPath, entry.name), "utf8").split(/ (.*)/s))
    .filter(([pid, started]) => started && startTime(Number(pid)) === started)
    .map(([pid]) => Number(pid));
}

/** Ends all processes of a test run, those that are started meanwhile included, and removes its files. */
export async function sweep(directory: string): Promise<void> {
  const begun = Date.now();
  const told = new Set<number>();
  for (let left = processesOf(directory); left.length > 0; left = processesOf(directory)) {
    for (const pid of left) {
      if (Date.now() - begun > GRACE_MS) kill(pid, "SIGKILL");
      else if (!told.has(pid)) kill(pid, "SIGTERM");
      told.add(pid);
    }
    await sleep(50);
  }
  fs.rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it has ended meanwhile
  }
}

if (require.main === module) {
  const [directory] = process.argv.slice(2);
  process.stdin.resume().on("end", () => void sweep(directory));
}
