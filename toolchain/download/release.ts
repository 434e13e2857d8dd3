import * as fs from "node:fs/promises";
import * as path from "node:path";
import { unpack } from "./archive";
import type { Checksum } from "./checksums";
import type { ToolchainContext } from "../context";
import { downloadFile } from "./download";
import { startProgress } from "../progress";

/** An archive that a project publishes, with the digest that it must have. */
export interface ReleaseArchive {
  /** For progress lines, such as "Pulumi 3.246.0". */
  readonly title: string;
  readonly fileName: string;
  readonly url: string;
  readonly checksum: Checksum;
  /** The members to unpack; without them, all. */
  readonly members?: readonly string[];
}

/**
 * Time until the archive's first byte, in milliseconds: longer than for small files, since a mirror may have
 * to fetch it first. An unreachable network is found out earlier, by the checksums or at the name look-up.
 */
const ARCHIVE_RESPONSE_TIMEOUT_MS = 30_000;

/**
 * Downloads an archive, verifies it, and unpacks it into `directory`; the archive itself is not kept.
 *
 * @throws ToolchainError when it cannot be downloaded, has another digest, or cannot be unpacked.
 */
export async function fetchRelease(
  release: ReleaseArchive,
  directory: string,
  context: ToolchainContext,
): Promise<void> {
  const archive = path.join(directory, release.fileName);
  await fetchArchive(release, archive, context);
  await unpack(archive, directory, context.env, release.members);
  await fs.rm(archive);
}

/**
 * Downloads an archive as it is published, and verifies it.
 *
 * @throws ToolchainError when it cannot be downloaded, or has another digest.
 */
export async function fetchArchive(
  release: ReleaseArchive,
  archive: string,
  context: ToolchainContext,
): Promise<void> {
  const progress = startProgress(`Downloading ${release.title}`, context);
  try {
    await downloadFile(release.url, archive, release.checksum, {
      responseTimeoutMs: ARCHIVE_RESPONSE_TIMEOUT_MS,
      signal: context.signal,
      onProgress: (received, total) => progress.update(describeBytes(received, total)),
    });
  } finally {
    progress.stop();
  }
}

/** Appends a file name to a base URL that may end with a slash. */
export function urlUnder(base: string, fileName: string): string {
  return `${base.replace(/\/+$/, "")}/${fileName}`;
}

function describeBytes(received: number, total: number | undefined): string {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  return total === undefined
    ? `${megabytes(received)} MB`
    : `${megabytes(received)} of ${megabytes(total)} MB`;
}
