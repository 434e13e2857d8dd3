import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { pipeline } from "node:stream/promises";
import type { ToolchainContext } from "../context";
import { cacheRoot, fillCacheDirectory } from "../download/cache";
import { type Checksum, parseChecksum } from "../download/checksums";
import { WrongDigest } from "../download/download";
import { type ReleaseArchive, fetchArchive } from "../download/release";
import { ToolchainError } from "../errors";
import { publishedRelease } from "./kumaRelease";

/** An archive of Kuma's programs that a user names. */
export interface NamedArchive {
  /** Path on this machine, or an `https://` address. */
  from: string;
  /** SHA-256 in hexadecimal. */
  sha256: string;
}

/** An archive of Kuma's programs on this machine, whose digest was compared. */
export interface KumaArchive {
  file: string;
  checksum: Checksum;
}

const ARCHIVE = "archive.tar.gz";

/**
 * Has an archive of Kuma's programs on this machine: the one that is named, or that of the official release for a Linux
 * machine of this architecture, as Node calls it. What is downloaded is kept in the cache.
 *
 * @throws ToolchainError when it cannot be had, or has another digest.
 */
export async function kumaArchive(
  named: NamedArchive | undefined,
  arch: string,
  context: ToolchainContext,
): Promise<KumaArchive> {
  if (named === undefined) return downloaded(await publishedRelease("linux", arch, context), context);
  const checksum = parseChecksum(named.sha256);
  if (!/^https?:\/\//.test(named.from)) return onThisMachine(path.resolve(named.from), checksum);
  const release = { title: named.from, fileName: ARCHIVE, url: named.from, checksum };
  return downloaded(release, context);
}

async function onThisMachine(file: string, checksum: Checksum): Promise<KumaArchive> {
  if (!fs.existsSync(file)) throw new ToolchainError(`${file}: there is no such file`);
  const hex = await digestOf(file, checksum);
  if (hex === checksum.hex) return { file, checksum };
  throw new WrongDigest(`${file}: its SHA-256 digest is ${hex}, not ${checksum.hex} as it is to be`);
}

async function downloaded(release: ReleaseArchive, context: ToolchainContext): Promise<KumaArchive> {
  const { title, checksum } = release;
  const directory = path.join(cacheRoot(context.env), `archive-${checksum.hex.slice(0, 32)}`);
  const file = path.join(directory, ARCHIVE);
  const isUsable = async (place: string) => {
    const there = path.join(place, ARCHIVE);
    return fs.existsSync(there) && (await digestOf(there, checksum)) === checksum.hex;
  };
  const fill = (staging: string) => fetchArchive(release, path.join(staging, ARCHIVE), context);
  await fillCacheDirectory(directory, isUsable, fill, { ...context, title });
  return { file, checksum };
}

async function digestOf(file: string, { algorithm }: Checksum): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(fs.createReadStream(file), hash);
  return hash.digest("hex");
}
