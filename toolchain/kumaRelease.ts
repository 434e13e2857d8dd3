import * as path from "node:path";
import { cacheRoot, fillCacheDirectory } from "./cache";
import { parseChecksum, type Checksum } from "./checksums";
import type { ToolchainContext } from "./context";
import { isExecutable } from "./executables";
import { reasonOf, ToolchainError } from "./errors";
import { usableKumaVersion } from "./kumaVersion";
import { fetchRelease, urlUnder } from "./release";
import { assertTrusted } from "./trustedPath";

/** The release that is downloaded when the user asks for one. */
export const KUMA_RELEASE = "2.14.3";

/** Where Kuma publishes its archives, one directory for each machine and version. */
const RELEASE_URL = "https://packages.konghq.com/public/kuma-binaries-release/raw/names";

const ARCHITECTURES: Record<string, string> = { x64: "amd64", arm64: "arm64" };

/**
 * Gives the kuma-cp of the official release, from the cache or downloaded into it.
 *
 * No checksums file is published beside the archives: their digests stand only in the signed SLSA provenance
 * (`kuma.intoto.jsonl`) of the release on GitHub. Nothing unverified is ever run, so the user reads the digest
 * there and gives it in `KUMA_SHA256`. `KUMA_RELEASE_URL` names a directory of a mirror instead.
 *
 * @throws ToolchainError when there is no release for this machine, no digest was given, or the archive cannot
 * be had or has another digest.
 */
export async function kumaCpOfRelease(
  context: ToolchainContext,
): Promise<{ file: string; source: "cache" | "release" }> {
  const directory = path.join(cacheRoot(context.env), `kuma-${KUMA_RELEASE}`);
  const member = `kuma-${KUMA_RELEASE}/bin/kuma-cp`;
  const file = path.join(directory, member);
  if (isExecutable(file)) {
    assertTrusted(file, "The kuma-cp");
    return { file, source: "cache" };
  }
  const { target, fileName } = archiveOf(process.platform, process.arch);
  const checksum = requiredChecksum(fileName, context.env);
  const base = context.env.KUMA_RELEASE_URL || `${RELEASE_URL}/kuma-${target}/versions/${KUMA_RELEASE}`;
  const isUsable = (place: string) => Promise.resolve(isExecutable(path.join(place, member)));
  const release = {
    title: `Kuma ${KUMA_RELEASE}`,
    fileName,
    url: urlUnder(base, fileName),
    checksum,
    // The rest (Envoy, CoreDNS and other tools) is several times as large and not needed.
    members: [member],
  };
  await fillCacheDirectory(directory, isUsable, async (staging) => {
    await fetchRelease(release, staging, context);
    await usableKumaVersion(path.join(staging, member), context.env);
  });
  return { file, source: "release" };
}

function archiveOf(platform: NodeJS.Platform, arch: string): { target: string; fileName: string } {
  const architecture = ARCHITECTURES[arch];
  if (!architecture || (platform !== "linux" && platform !== "darwin")) {
    throw new ToolchainError(`Kuma publishes no release for ${platform} on ${arch}`);
  }
  const target = `${platform}-${architecture}`;
  return { target, fileName: `kuma-${KUMA_RELEASE}-${target}.tar.gz` };
}

function requiredChecksum(fileName: string, env: NodeJS.ProcessEnv): Checksum {
  if (!env.KUMA_SHA256) {
    throw new ToolchainError(
      `the digest of ${fileName} is needed to verify it: set KUMA_SHA256 to the one in kuma.intoto.jsonl at ` +
        `https://github.com/kumahq/kuma/releases/tag/v${KUMA_RELEASE}`,
    );
  }
  try {
    return parseChecksum(env.KUMA_SHA256);
  } catch (error) {
    throw new ToolchainError(`KUMA_SHA256 cannot be used: ${reasonOf(error)}`);
  }
}
