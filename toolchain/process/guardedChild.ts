import { spawn } from "node:child_process";
import * as path from "node:path";
import * as readline from "node:readline";
import { ToolchainError } from "../errors";
import { PACKAGE_ROOT } from "../packageRoot";
import { isAlive } from "./processId";

/** What runs a long program, and what becomes of its output. */
export interface GuardedOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  /** Called for each line on standard error. */
  readonly onLine: (line: string) => void;
}

const GUARD = path.join(PACKAGE_ROOT, "toolchain", "childGuard.js");

/** Milliseconds between two looks whether anybody still waits for this process. */
const LOOK_EVERY_MS = 500;

/** The process that started this one; the system gives an orphan another parent. */
const PARENT = process.ppid;

/** scripts/run.js names the npm that started it: this process is not its child, and would not notice its end. */
const NPM = Number(process.env.KUMA_FEDERATION_STARTED_BY) || undefined;

/**
 * Runs a program that takes minutes, and gives what it wrote to standard output. It ends, with all that it has started,
 * when the signal says so, when this process ends (killed, too), or when what started this process is gone.
 *
 * @throws ToolchainError with the exit status; the reason of the signal after an abort
 */
export async function runGuarded(
  program: string,
  args: readonly string[],
  { cwd, env, signal, onLine }: GuardedOptions,
): Promise<string> {
  signal?.throwIfAborted();
  // detached, so that Ctrl-C reaches this process alone, and the guard learns of it as of any other end
  const guard = spawn(process.execPath, [GUARD, program, ...args], {
    cwd,
    env,
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  // its end is told by "close", also where the input was closed after it
  guard.stdin.on("error", () => undefined);
  const stop = () => guard.stdin.end();
  signal?.addEventListener("abort", stop);
  let orphaned = false;
  const watch = setInterval(() => {
    orphaned ||= isOrphan();
    if (orphaned) stop();
  }, LOOK_EVERY_MS);
  const output: string[] = [];
  guard.stdout.setEncoding("utf8").on("data", (text: string) => output.push(text));
  readline.createInterface({ input: guard.stderr }).on("line", onLine);
  try {
    const status = await new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
      guard.on("error", (error) => reject(new ToolchainError(error.message)));
      guard.on("close", (code, killedBy) => resolve(code ?? killedBy));
    });
    signal?.throwIfAborted();
    if (orphaned) throw new ToolchainError("what started this command has ended");
    if (status !== 0) throw new ToolchainError(`exit status ${status}`);
    return output.join("");
  } finally {
    clearInterval(watch);
    signal?.removeEventListener("abort", stop);
  }
}

/** Whether nobody waits for this process any more. */
function isOrphan(): boolean {
  return process.ppid !== PARENT || (NPM !== undefined && !isAlive(NPM));
}
