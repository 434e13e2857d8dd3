import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as path from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { Sandbox } from "../test/integration/support";

const ROOT = path.resolve(__dirname, "..");
const LOOK_EVERY_MS = 200;

/** What a program takes, with all that it starts. */
export interface Used {
  /** Milliseconds. */
  elapsed: number;
  /** Milliseconds; other work on the machine changes it less. */
  processor: number;
  /** The most bytes that all its processes had in memory at one moment. */
  memory: number;
}

/** Runs a program, and fails where it does. Node counts no processor time of what it has started; a shell does. */
export async function used(args: readonly string[], { directory, state }: Sandbox): Promise<Used> {
  const begun = performance.now();
  const child = spawn(
    "sh",
    ["-c", '"$@"; status=$?; times >&3; exit $status', "sh", process.execPath, ...args],
    {
      cwd: ROOT,
      env: { ...process.env, KUMA_FEDERATION_STACKS: directory, KUMA_FEDERATION_STATE: state },
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    },
  );
  let memory = 0;
  const looking = setInterval(() => (memory = Math.max(memory, memoryOf(child.pid))), LOOK_EVERY_MS);
  const ended = once(child, "close") as Promise<[status: number | null]>;
  const [output, complaint, times] = await Promise.all(
    child.stdio.slice(1).map((stream) => text(stream as Readable)),
  );
  const [status] = await ended;
  clearInterval(looking);
  const elapsed = performance.now() - begun;
  if (status !== 0) throw new Error(`${args.join(" ")} failed:\n${output}${complaint}`);
  return { elapsed, processor: ofChildren(times), memory };
}

/** Of `times`: the second line is of what the shell has started, as user and system time, such as `0m1.52s 0m0.21s`. */
function ofChildren(times: string): number {
  const parts = [
    ...times
      .trim()
      .split("\n")[1]
      .matchAll(/(\d+)m([\d.]+)s/g),
  ];
  return parts.reduce((sum, [, minutes, rest]) => sum + 1000 * (60 * Number(minutes) + Number(rest)), 0);
}

/** Of a process and all that descend from it; control planes leave their parents when they are started. */
function memoryOf(root: number | undefined): number {
  const processes = new Map<number, { parent: number; bytes: number }>();
  for (const name of fs.readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = fs.readFileSync(`/proc/${name}/stat`, "utf8");
      // after the name in brackets: state, parent, …, the 24th is the number of pages in memory (proc(5))
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      processes.set(Number(name), { parent: Number(fields[1]), bytes: Number(fields[21]) * 4096 });
    } catch {
      // it ended meanwhile
    }
  }
  const belongs = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === root || belongs(processes.get(pid)?.parent));
  return [...processes].reduce((sum, [pid, { bytes }]) => (belongs(pid) ? sum + bytes : sum), 0);
}
