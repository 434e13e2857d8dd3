import { createHash, randomBytes } from "node:crypto";
import * as fs from "node:fs/promises";
import type { Checksum } from "./checksums";
import { ToolchainError } from "../errors";
import { type GetOptions, httpGet } from "./httpGet";

/** Largest checksums file that is read, in bytes; a real one has a few hundred. */
const MAX_TEXT_BYTES = 1024 * 1024;

/** Called as data arrives, in bytes; the total is unknown where the server does not tell. */
export type OnProgress = (receivedBytes: number, totalBytes: number | undefined) => void;

/** What was downloaded is not what was published: the one case in which something is wrong, and not only away. */
export class WrongDigest extends ToolchainError {}

/** Finds the digest of a file in what is published about a release. */
export type ChecksumReader = (fileName: string, published: string) => Checksum;

export interface DownloadOptions extends GetOptions {
  readonly onProgress?: OnProgress;
}

/**
 * Downloads a file and lets it appear under `destination` only when it is whole and has the digest asked for;
 * until then it has a temporary name beside it, and that file is removed whatever happens.
 *
 * @throws ToolchainError when it cannot be had (see httpGet); WrongDigest when its digest differs.
 */
export async function downloadFile(
  url: string,
  destination: string,
  expected: Checksum,
  options: DownloadOptions = {},
): Promise<void> {
  const partial = `${destination}.part-${randomBytes(6).toString("hex")}`;
  try {
    const hex = await httpGet(
      url,
      (chunks, total) => writeAndHash(partial, chunks, expected.algorithm, total, options.onProgress),
      options,
    );
    if (hex !== expected.hex) {
      throw new WrongDigest(
        `${url}: the ${expected.algorithm.toUpperCase().replace("SHA", "SHA-")} digest is ${hex}, not ` +
          `${expected.hex} as published; the file was deleted`,
      );
    }
    await fs.rename(partial, destination);
  } finally {
    await fs.rm(partial, { force: true });
  }
}

/**
 * Reads the digest of `fileName` from what is published at `checksumsUrl`.
 *
 * @throws ToolchainError when it cannot be had or does not list the file.
 */
export async function publishedChecksum(
  fileName: string,
  checksumsUrl: string,
  read: ChecksumReader,
  options: GetOptions = {},
): Promise<Checksum> {
  return read(fileName, await httpGet(checksumsUrl, readText, options));
}

async function writeAndHash(
  file: string,
  chunks: AsyncIterable<Uint8Array>,
  algorithm: string,
  total: number | undefined,
  onProgress?: OnProgress,
): Promise<string> {
  const hash = createHash(algorithm);
  // "w" empties what an earlier, broken try has written.
  const handle = await fs.open(file, "w", 0o600);
  try {
    let received = 0;
    for await (const chunk of chunks) {
      hash.update(chunk);
      await handle.writeFile(chunk);
      received += chunk.length;
      onProgress?.(received, total);
    }
  } finally {
    await handle.close();
  }
  return hash.digest("hex");
}

async function readText(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > MAX_TEXT_BYTES) {
      throw new ToolchainError(`the checksums file is larger than ${MAX_TEXT_BYTES} bytes`);
    }
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString("utf8");
}
