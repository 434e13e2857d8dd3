import { outputOf } from "../process/executables";
import { ToolchainError } from "../errors";
import { formatVersion, parseVersion } from "../download/version";

/** What a control plane says of itself. */
export interface KumaVersion {
  /** "Kuma" or "Kong Mesh". */
  readonly product: string;
  /** Without a leading `v`. */
  readonly version: string;
}

/** The only major version that this project federates; 3.x has no global on Kubernetes and no `Mesh.mtls`. */
const SUPPORTED_MAJOR = 2;

/**
 * Asks a kuma-cp for its product and version, which it answers as in `Kuma: 2.14.3`.
 *
 * @throws ToolchainError when the program does not run, answers otherwise, or is not a 2.x.
 */
export async function usableKumaVersion(file: string, env: NodeJS.ProcessEnv): Promise<KumaVersion> {
  const answer = /^([A-Za-z][\w ]*): *(v?\d+\.\d+\S*)\s*$/m.exec(await outputOf(file, ["version"], env));
  const version = answer && parseVersion(answer[2]);
  if (!version) {
    throw new ToolchainError(`${file} does not tell a version in the way of kuma-cp`);
  }
  const product = answer[1];
  if (version[0] !== SUPPORTED_MAJOR) {
    throw new ToolchainError(
      `${file} is ${product} ${formatVersion(version)}, and only ${SUPPORTED_MAJOR}.x is supported`,
    );
  }
  return { product, version: answer[2].replace(/^v/, "") };
}
