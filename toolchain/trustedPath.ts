import * as fs from "node:fs";
import * as path from "node:path";
import { ToolchainError } from "./errors";

/**
 * Checks that nobody else can change what is about to be executed or believed: the file (or directory) and every
 * directory above it belong to someone who is trusted, and can be written by nobody else. Trusted are root, the user of
 * this process, and the owner of this program's own code, which runs already: so `sudo` in a user's clone goes on
 * working, and a container in which the clone belongs to another number.
 *
 * A group may write where it has the number of the owner: the private group that Debian, Fedora and others give to each
 * user, for whom a umask of 002 is usual. Everyone may write to a directory above that is sticky, such as /tmp, since
 * there an entry is changed by its owner only. Windows has no such modes, so nothing is checked there.
 *
 * @param what what messages call it, as in "The Pulumi engine"
 * @throws ToolchainError that names the first place that is not safe, and what to do
 */
export function assertTrusted(file: string, what: string, trusted: readonly number[] = trustedUsers()): void {
  if (process.platform === "win32") return;
  // where links lead: what is executed lies there, and nobody else can move a link in a directory that is safe
  for (const place of new Set([path.resolve(file), fs.realpathSync(file)])) {
    for (const [index, each] of upwards(place).entries()) {
      const reason = reasonToDistrust(fs.lstatSync(each), trusted, index > 0);
      if (reason !== undefined) throw untrusted(file, what, each, reason);
    }
  }
}

/** The path itself, then each directory above it. */
function upwards(file: string): string[] {
  const parent = path.dirname(file);
  return parent === file ? [file] : [file, ...upwards(parent)];
}

const GROUP_WRITES = 0o020;
const OTHERS_WRITE = 0o002;
const STICKY = 0o1000;

function reasonToDistrust(stats: fs.Stats, trusted: readonly number[], isAbove: boolean): string | undefined {
  if (!trusted.includes(stats.uid)) return `belongs to the user with the number ${stats.uid}`;
  // a link's own mode says nothing
  if (stats.isSymbolicLink() || (isAbove && stats.mode & STICKY)) return undefined;
  if (stats.mode & OTHERS_WRITE) return "can be written by every user of this machine";
  const isPrivateGroup = stats.gid === stats.uid;
  return stats.mode & GROUP_WRITES && !isPrivateGroup
    ? `can be written by the group with the number ${stats.gid}`
    : undefined;
}

function trustedUsers(): number[] {
  return [0, process.geteuid?.() ?? 0, fs.statSync(__filename).uid];
}

function untrusted(file: string, what: string, place: string, reason: string): ToolchainError {
  const where = place === file ? "it" : place;
  return new ToolchainError(
    `${what} at ${file} is not used, since ${where} ${reason}, who could put other code there. Nothing was run. ` +
      `If you trust what is there, make that right ("chmod go-w", or "chown" to your own user). If not, remove it, or keep it ` +
      `elsewhere: XDG_CACHE_HOME moves the cache, KUMA_FEDERATION_STATE the state directory.`,
  );
}
