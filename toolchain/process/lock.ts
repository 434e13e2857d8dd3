import { randomUUID } from "node:crypto";
import * as fs from "node:fs/promises";
import { readFileSync, readlinkSync } from "node:fs";
import * as os from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { ToolchainContext } from "../context";
import { startTime } from "./processId";
import { startProgress } from "../progress";

/** What a lock file holds. */
interface Holder {
  readonly pid: number;
  /** When that process began: ids are used again. */
  readonly started: string;
  /** Where the two above mean something. */
  readonly place: string;
  /** Tells apart two holders in one process. */
  readonly id: string;
}

/** Milliseconds between two looks at a lock that another process holds. */
const LOOK_EVERY_MS = 200;
/** Milliseconds between two signs of life, which the holder gives by the time of its file. */
const SIGN_EVERY_MS = 10_000;
/** Milliseconds without a sign after which a holder that cannot be looked at from here is taken for gone. */
const GONE_AFTER_MS = 60_000;

/**
 * Runs `action` while this process alone holds the lock file. One that another process holds is waited for, with a line
 * that says for whom; one whose holder is gone, however it ended, is taken over.
 *
 * Should two processes ever take the same lock over in the same moment, both run `action`: it must bear that.
 *
 * @param what what the lock is for, as in "the Pulumi engine 3.246.0"
 * @throws the reason of the context's signal, where that ends the waiting
 */
export async function withLock<T>(
  file: string,
  what: string,
  context: ToolchainContext,
  action: () => Promise<T>,
): Promise<T> {
  const own = JSON.stringify(thisProcess());
  await acquire(file, own, what, context);
  const sign = setInterval(() => {
    const now = new Date();
    fs.utimes(file, now, now).catch(() => undefined);
  }, SIGN_EVERY_MS).unref();
  try {
    return await action();
  } finally {
    clearInterval(sign);
    if ((await textOf(file)) === own) await fs.rm(file, { force: true });
  }
}

async function acquire(file: string, own: string, what: string, context: ToolchainContext): Promise<void> {
  let waiting: { stop(): void } | undefined;
  try {
    while (!(await create(file, own))) {
      const held = await textOf(file);
      if (held === undefined) continue;
      if (await isAbandoned(file, held)) {
        await setAside(file, held);
        continue;
      }
      if (!waiting) {
        const title = `Waiting for ${nameOf(held)}, which is getting ${what} as well`;
        context.log(`${title}; this process uses the result.`);
        waiting = startProgress(title, context);
      }
      // an abort ends the pause, and throws its reason below
      await sleep(LOOK_EVERY_MS, undefined, { signal: context.signal }).catch(() => undefined);
      context.signal?.throwIfAborted();
    }
  } finally {
    waiting?.stop();
  }
}

/** Makes the lock file with its whole content at once, and tells whether there was none before. */
async function create(file: string, content: string): Promise<boolean> {
  const draft = `${file}.${randomUUID()}`;
  try {
    await fs.writeFile(draft, content, { mode: 0o600 });
    await fs.link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await fs.rm(draft, { force: true });
  }
}

/** Takes the lock of a holder that is gone away, unless another process was quicker and holds it by now. */
async function setAside(file: string, abandoned: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await fs.rename(file, aside);
    if ((await textOf(aside)) !== abandoned) await fs.link(aside, file);
  } catch (error) {
    if (!["ENOENT", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  } finally {
    await fs.rm(aside, { force: true });
  }
}

async function isAbandoned(file: string, held: string): Promise<boolean> {
  const holder = read(held);
  if (holder?.place === thisPlace()) return startTime(holder.pid) !== holder.started;
  const found = await fs.stat(file).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > GONE_AFTER_MS;
}

function nameOf(held: string): string {
  const holder = read(held);
  if (holder?.place !== thisPlace()) return "a process of another machine or container";
  return holder.pid === process.pid ? "another part of this process" : `process ${holder.pid}`;
}

function read(held: string): Holder | undefined {
  try {
    return JSON.parse(held) as Holder;
  } catch {
    // nothing of this program's
    return undefined;
  }
}

function thisProcess(): Holder {
  return { pid: process.pid, started: startTime(process.pid), place: thisPlace(), id: randomUUID() };
}

/** A process id means something on one machine from one start of it to the next, and within one container. */
function thisPlace(): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return os.hostname();
  }
}

async function textOf(file: string): Promise<string | undefined> {
  return fs.readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}
