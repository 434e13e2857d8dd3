import * as path from "node:path";
import { cacheRoot, fillCacheDirectory } from "../download/cache";
import { parseChecksum, type Checksum } from "../download/checksums";
import type { ToolchainContext } from "../context";
import { publishedChecksum } from "../download/download";
import { isExecutable } from "../process/executables";
import { reasonOf, ToolchainError } from "../errors";
import { usableKumaVersion } from "./kumaVersion";
import { checksumInProvenance } from "../download/provenance";
import { type ReleaseArchive, fetchRelease, urlUnder } from "../download/release";
import { assertTrusted } from "../trustedPath";

/** The release that is downloaded. */
export const KUMA_RELEASE = "2.14.3";

/** Where Kuma publishes its archives, one directory for each machine and version; `KUMA_RELEASE_URL` names a mirror's. */
const RELEASE_URL = "https://packages.konghq.com/public/kuma-binaries-release/raw/names";

/**
 * Where Kuma publishes the digests; `KUMA_CHECKSUMS_URL` names a mirror's directory instead. No checksums file lies beside
 * the archives: the digests are the subjects of the SLSA provenance that Kuma's release workflow attaches to the release
 * on GitHub (.github/workflows/_provenance.yaml and mk/distribution.mk at v2.14.3).
 */
const CHECKSUMS_URL = `https://github.com/kumahq/kuma/releases/download/v${KUMA_RELEASE}`;
const PROVENANCE = "kuma.intoto.jsonl";

const ARCHITECTURES: Record<string, string> = { x64: "amd64", arm64: "arm64" };

/** The path of the kuma-cp in an archive, and in the cache. */
const MEMBER = `kuma-${KUMA_RELEASE}/bin/kuma-cp`;

/** What the user gave to verify the release by cannot be used. */
export class WrongVariable extends ToolchainError {}

/** Where the kuma-cp of the official release lies once it was downloaded. */
export function cachedFile(env: NodeJS.ProcessEnv): string {
  return path.join(cacheDirectory(env), MEMBER);
}

/**
 * The kuma-cp of the official release that an earlier run has put into the cache; undefined where there is none.
 *
 * @throws ToolchainError when others could have put another one there.
 */
export function cachedKumaCp(env: NodeJS.ProcessEnv): string | undefined {
  const file = cachedFile(env);
  if (!isExecutable(file)) return undefined;
  assertTrusted(file, "The kuma-cp");
  return file;
}

/**
 * Downloads the official release, verifies it, and puts its kuma-cp into the cache. The digest is the one in
 * `KUMA_SHA256`, or else the one that Kuma publishes: nothing unverified is ever run. It is asked for first: where the
 * network is closed, that small request finds it out.
 *
 * @throws WrongVariable when KUMA_SHA256 is no digest; WrongDigest when the archive has another; ToolchainError when there
 * is no release for this machine, or it cannot be had.
 */
export async function downloadKumaCp(context: ToolchainContext): Promise<string> {
  const { env } = context;
  const directory = cacheDirectory(env);
  const release = await publishedRelease(process.platform, process.arch, context);
  const { title } = release;
  const usable = (place: string) => usableKumaVersion(path.join(place, MEMBER), env);
  const isUsable = (place: string) =>
    usable(place).then(
      () => true,
      () => false,
    );
  const fill = async (staging: string) => {
    // The rest (Envoy, CoreDNS and other tools) is several times as large and not needed.
    await fetchRelease({ ...release, members: [MEMBER] }, staging, context);
    await usable(staging);
  };
  await fillCacheDirectory(directory, isUsable, fill, { ...context, title });
  return cachedFile(env);
}

/**
 * The archive of the official release for a machine, with the digest that it must have. Platform and architecture are as
 * Node calls them.
 *
 * @throws as `downloadKumaCp`.
 */
export async function publishedRelease(
  platform: NodeJS.Platform,
  arch: string,
  { env, signal }: Pick<ToolchainContext, "env" | "signal">,
): Promise<ReleaseArchive> {
  const { target, fileName } = archiveOf(platform, arch);
  const checksum =
    givenChecksum(env) ??
    (await publishedChecksum(
      fileName,
      urlUnder(env.KUMA_CHECKSUMS_URL || CHECKSUMS_URL, PROVENANCE),
      checksumInProvenance,
      { signal },
    ));
  const base = env.KUMA_RELEASE_URL || `${RELEASE_URL}/kuma-${target}/versions/${KUMA_RELEASE}`;
  return { title: `Kuma ${KUMA_RELEASE}`, fileName, url: urlUnder(base, fileName), checksum };
}

function cacheDirectory(env: NodeJS.ProcessEnv): string {
  return path.join(cacheRoot(env), `kuma-${KUMA_RELEASE}`);
}

function archiveOf(platform: NodeJS.Platform, arch: string): { target: string; fileName: string } {
  const architecture = ARCHITECTURES[arch];
  if (!architecture || (platform !== "linux" && platform !== "darwin")) {
    throw new ToolchainError(`Kuma publishes no release for ${platform} on ${arch}`);
  }
  const target = `${platform}-${architecture}`;
  return { target, fileName: `kuma-${KUMA_RELEASE}-${target}.tar.gz` };
}

function givenChecksum(env: NodeJS.ProcessEnv): Checksum | undefined {
  if (!env.KUMA_SHA256) return undefined;
  try {
    return parseChecksum(env.KUMA_SHA256);
  } catch (error) {
    throw new WrongVariable(`KUMA_SHA256 cannot be used: ${reasonOf(error)}`);
  }
}
