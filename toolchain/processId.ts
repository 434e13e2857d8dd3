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
    // fields after the command, which is in parentheses and may hold anything: state is the 3rd, start time the 22nd
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // the first thread of a process that was killed may be a zombie while others still hold its ports
    const [state, threads, started] = [fields[0], Number(fields[17]), fields[19]];
    return state === "Z" && threads <= 1 ? "" : started;
  }
  if (fs.existsSync("/proc/self/stat")) return "";
  try {
    const env = plainEnvironment(process.env);
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8", env }).trim();
  } catch {
    return "";
  }
}

/** Whether a process is alive and goes on: one that was killed may be alive, and hold its ports, for a moment. */
export function goesOn(pid: number): boolean {
  const stat = statOf(pid);
  return stat === undefined ? isAlive(pid) : !/^[ZX] /.test(stat.slice(stat.lastIndexOf(")") + 2));
}

function statOf(pid: number): string | undefined {
  try {
    return fs.readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
