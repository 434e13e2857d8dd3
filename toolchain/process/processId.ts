import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { plainEnvironment } from "./environment";

/** Whether a process of this id runs; one that has ended and was not yet collected by its parent does not. */
export function isAlive(pid: number): boolean {
  return startTime(pid) !== "";
}

/** When a process began, as text that only serves to tell it from a later one with the same id; "" when it is gone. */
export function startTime(pid: number): string {
  const stat = statOf(pid);
  if (stat !== undefined) {
    // the first thread of a process that was killed may be a zombie while others still hold its ports
    return stat.state === "Z" && stat.threads <= 1 ? "" : stat.started;
  }
  if (fs.existsSync("/proc/self/stat")) return "";
  try {
    const env = plainEnvironment(process.env);
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8", env }).trim();
  } catch {
    return "";
  }
}

/** A process as text that serves to find it again, and none that gets its id later. */
export function markOf(pid: number): string {
  return `${pid} ${startTime(pid)}`;
}

/** The id of the process that a text marks; undefined when it is gone. */
export function markedProcess(mark: string): number | undefined {
  const [pid, started] = mark.split(/ (.*)/s);
  return pid && started && startTime(Number(pid)) === started ? Number(pid) : undefined;
}

/** Whether a process is alive and goes on: one that was killed may be alive, and hold its ports, for a moment. */
export function goesOn(pid: number): boolean {
  const stat = statOf(pid);
  return stat === undefined ? isAlive(pid) : !["Z", "X"].includes(stat.state);
}

/** Whether all threads of a process stand still after SIGSTOP, which takes a moment; true where the system does not tell. */
export function isStopped(pid: number): boolean {
  if (!fs.existsSync("/proc/self/task")) return true;
  try {
    return fs.readdirSync(`/proc/${pid}/task`).every((thread) => {
      const state = statOf(pid, thread)?.state ?? "T";
      return ["T", "Z", "X"].includes(state);
    });
  } catch {
    // it is gone
    return true;
  }
}

/**
 * A process of this user's that works in a directory, with a variable in its environment and a word among its arguments;
 * undefined where there is none, or the system does not tell (only Linux has /proc).
 */
export function processIn(directory: string, variable: string, argument: string): number | undefined {
  if (!fs.existsSync(directory) || !fs.existsSync("/proc/self/stat")) return undefined;
  const place = fs.realpathSync(directory);
  const partsOf = (pid: string, file: string) => fs.readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0");
  const found = fs.readdirSync("/proc").find((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return (
        fs.readlinkSync(`/proc/${pid}/cwd`) === place &&
        partsOf(pid, "environ").includes(variable) &&
        partsOf(pid, "cmdline").includes(argument) &&
        goesOn(Number(pid))
      );
    } catch {
      // it has ended meanwhile, or is somebody else's
      return false;
    }
  });
  return found === undefined ? undefined : Number(found);
}

interface Stat {
  state: string;
  threads: number;
  started: string;
}

function statOf(pid: number, thread?: string): Stat | undefined {
  try {
    const file = thread === undefined ? `/proc/${pid}/stat` : `/proc/${pid}/task/${thread}/stat`;
    const stat = fs.readFileSync(file, "utf8");
    // fields after the command, which is in parentheses and may hold anything: state is the 3rd, start time the 22nd
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0], threads: Number(fields[17]), started: fields[19] };
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
