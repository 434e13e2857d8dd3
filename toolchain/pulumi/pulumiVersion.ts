import { executableName, outputOf } from "../process/executables";
import { ToolchainError } from "../errors";
import { atLeast, formatVersion, parseVersion, type Version } from "../download/version";

/** The engine that is downloaded or built; `toolchain/engine/go.mod` pins the same. */
export const ENGINE_VERSION = "3.246.0";

/** What messages call it. */
export const ENGINE_TITLE = `the Pulumi engine ${ENGINE_VERSION}`;

/** File name of the engine's program. */
export const ENGINE_FILE = executableName("pulumi");

/**
 * The first engine that makes a resource anew when the program says so (`replacementTrigger`), as for a Service that somebody
 * has deleted.
 */
const OLDEST: Version = [3, 208, 0];

/**
 * Asks an engine for its version.
 *
 * @returns the version without a leading `v`
 * @throws ToolchainError when the program does not run, tells no version, or is not a 3.x from 3.208 on.
 */
export async function usableEngineVersion(file: string, env: NodeJS.ProcessEnv): Promise<string> {
  // Without this the command asks for a newer release over the network and waits for the answer.
  const output = await outputOf(file, ["version"], env, undefined, { PULUMI_SKIP_UPDATE_CHECK: "true" });
  const version = parseVersion(output);
  if (!version) {
    throw new ToolchainError(`${file} does not tell its version`);
  }
  if (version[0] !== OLDEST[0] || !atLeast(version, OLDEST)) {
    throw new ToolchainError(
      `${file} is version ${formatVersion(version)}, and ${formatVersion(OLDEST)} or newer, below 4, is needed`,
    );
  }
  return formatVersion(version);
}
