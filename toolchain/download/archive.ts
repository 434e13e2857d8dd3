import { execFile } from "node:child_process";
import { plainEnvironment } from "../process/environment";
import { ToolchainError } from "../errors";

/** Longest that unpacking may take, in milliseconds. */
const UNPACK_TIMEOUT_MS = 5 * 60_000;

/**
 * Unpacks a .tar.gz (or, with the bsdtar that Windows has, a .zip) with the system's `tar`.
 *
 * @param members the members wanted, by their path in the archive; without them, all
 * @throws ToolchainError when there is no `tar`, the archive is broken, or it has no such member.
 */
export function unpack(
  archive: string,
  directory: string,
  env: NodeJS.ProcessEnv,
  members: readonly string[] = [],
): Promise<void> {
  const args = ["-xf", archive, "-C", directory, ...members];
  return new Promise((resolve, reject) => {
    execFile(
      "tar",
      args,
      { env: plainEnvironment(env), timeout: UNPACK_TIMEOUT_MS },
      (error, _stdout, stderr) => {
        if (!error) {
          resolve();
        } else if (error.code === "ENOENT") {
          reject(new ToolchainError("the archive cannot be unpacked, since there is no tar on PATH"));
        } else {
          const why = stderr.trim().split("\n")[0] || error.message;
          reject(new ToolchainError(`the archive cannot be unpacked (${why})`));
        }
      },
    );
  });
}
