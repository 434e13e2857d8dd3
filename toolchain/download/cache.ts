import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import type { ToolchainContext } from "../context";
import { withLock } from "../process/lock";
import { assertTrusted } from "../trustedPath";

export interface FillOptions extends ToolchainContext {
  /** What is had, for messages, as in "the Pulumi engine 3.246.0". */
  readonly title: string;
}

/**
 * Where tools are kept between runs: `kuma-federation` under `$XDG_CACHE_HOME`, or under `~/.cache` when that
 * is unset or relative (which the XDG specification says to ignore).
 */
export function cacheRoot(env: NodeJS.ProcessEnv): string {
  const xdg = env.XDG_CACHE_HOME;
  const base = xdg && path.isAbsolute(xdg) ? xdg : path.join(env.HOME || os.homedir(), ".cache");
  return path.join(base, "kuma-federation");
}

/**
 * Fills a directory of the cache so that other processes see it whole or not at all, whatever happens: `fill`
 * works in a staging directory beside it, which is then renamed. When several processes want it at once, one fills
 * it, and the others wait for that one and use the result.
 *
 * @param directory the directory to fill; replaced only when `isUsable` refuses what is there
 * @param isUsable tells whether the directory holds what it should
 * @param fill puts everything into the staging directory; what it throws is passed on, and nothing is left. What a
 * process leaves that was killed meanwhile, the next one clears away
 * @returns false where another process has filled it meanwhile
 */
export async function fillCacheDirectory(
  directory: string,
  isUsable: (directory: string) => Promise<boolean>,
  fill: (staging: string) => Promise<void>,
  options: FillOptions,
): Promise<boolean> {
  await fs.mkdir(path.dirname(directory), { recursive: true, mode: 0o755 });
  assertTrusted(path.dirname(directory), "The cache");
  return withLock(`${directory}.lock`, options.title, options, async () => {
    await removeLeftovers(directory);
    if (await isUsable(directory)) return false;
    await fillAlone(directory, isUsable, fill);
    return true;
  });
}

async function fillAlone(
  directory: string,
  isUsable: (directory: string) => Promise<boolean>,
  fill: (staging: string) => Promise<void>,
): Promise<void> {
  const staging = await fs.mkdtemp(stagingPrefix(directory));
  try {
    await fill(staging);
    // mkdtemp gives 0700; a cache directory follows the user's umask like any other, but is written by nobody else.
    await fs.chmod(staging, 0o777 & ~process.umask());
    await takeWriteFromOthers(staging);
    if (!(await renamed(staging, directory)) && !(await isUsable(directory))) {
      await fs.rm(directory, { recursive: true, force: true });
      await renamed(staging, directory);
    }
  } finally {
    await remove(staging);
  }
}

/** With a umask of 002 what is unpacked or built can be written by a whole group, and would then not be executed. */
async function takeWriteFromOthers(directory: string): Promise<void> {
  const below = await fs.readdir(directory, { recursive: true });
  for (const each of [directory, ...below.map((name) => path.join(directory, name))]) {
    const stats = await fs.lstat(each);
    if (!stats.isSymbolicLink()) await fs.chmod(each, stats.mode & 0o7755);
  }
}

/** Renames a directory unless there is one of the new name, and tells whether it did. */
async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await fs.rename(from, to);
    return true;
  } catch (error) {
    // EPERM is what Windows says.
    if (["ENOTEMPTY", "EEXIST", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) {
      return false;
    }
    throw error;
  }
}

/** To be called by the holder of the lock: what lies there is of a process that ended before it was done. */
async function removeLeftovers(directory: string): Promise<void> {
  for (const name of await fs.readdir(path.dirname(directory))) {
    const found = path.join(path.dirname(directory), name);
    if (found.startsWith(stagingPrefix(directory))) await remove(found);
  }
}

/** With retries, because the children of a program that was just killed may still write for a moment. */
function remove(directory: string): Promise<void> {
  return fs.rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

function stagingPrefix(directory: string): string {
  return `${directory}.tmp-`;
}
