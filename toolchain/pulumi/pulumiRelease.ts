import * as fs from "node:fs/promises";
import * as path from "node:path";
import { checksumFor } from "../download/checksums";
import type { ToolchainContext } from "../context";
import { publishedChecksum } from "../download/download";
import { isExecutable } from "../process/executables";
import { ToolchainError } from "../errors";
import { ENGINE_FILE, ENGINE_VERSION } from "./pulumiVersion";
import { fetchRelease, urlUnder } from "../download/release";

/** Where Pulumi publishes its archives; `PULUMI_RELEASE_URL` names a mirror's directory instead. */
const RELEASE_URL = "https://get.pulumi.com/releases/sdk";

/** Where Pulumi publishes the SHA-256 digests; `PULUMI_CHECKSUMS_URL` names a mirror's directory instead. */
const CHECKSUMS_URL = `https://github.com/pulumi/pulumi/releases/download/v${ENGINE_VERSION}`;

const OPERATING_SYSTEMS: Partial<Record<NodeJS.Platform, string>> = {
  linux: "linux",
  darwin: "darwin",
  win32: "windows",
};

/**
 * Downloads the official release, verifies it by the published checksums, and puts the engine with the plugins
 * that come with it into `directory`.
 *
 * The checksums are asked for first: where the network is closed, that small request finds it out.
 *
 * @throws ToolchainError when there is no release for this machine, or it cannot be had or verified.
 */
export async function fetchPulumiRelease(directory: string, context: ToolchainContext): Promise<void> {
  const { env, signal } = context;
  const fileName = archiveName(process.platform, process.arch);
  const checksum = await publishedChecksum(
    fileName,
    urlUnder(env.PULUMI_CHECKSUMS_URL || CHECKSUMS_URL, `pulumi-${ENGINE_VERSION}-checksums.txt`),
    checksumFor,
    { signal },
  );
  const url = urlUnder(env.PULUMI_RELEASE_URL || RELEASE_URL, fileName);
  await fetchRelease({ title: `Pulumi ${ENGINE_VERSION}`, fileName, url, checksum }, directory, context);
  await flatten(directory);
}

/**
 * The archive's name for a machine, in Node's words for it.
 *
 * @throws ToolchainError when Pulumi publishes none.
 */
export function archiveName(platform: NodeJS.Platform, arch: string): string {
  const os = OPERATING_SYSTEMS[platform];
  if (!os || (arch !== "x64" && arch !== "arm64")) {
    throw new ToolchainError(`Pulumi publishes no release for ${platform} on ${arch}`);
  }
  return `pulumi-v${ENGINE_VERSION}-${os}-${arch}.${os === "windows" ? "zip" : "tar.gz"}`;
}

/** The programs are in `pulumi/`, on Windows in `pulumi/bin/`; moves them up to where the cache wants them. */
async function flatten(directory: string): Promise<void> {
  const top = path.join(directory, "pulumi");
  const programs = [path.join(top, "bin"), top].find((place) => isExecutable(path.join(place, ENGINE_FILE)));
  if (!programs) {
    throw new ToolchainError("the release archive holds no pulumi program");
  }
  // First out of the way: the engine's own name is that of the directory it comes in.
  const unpacked = path.join(directory, ".unpacked");
  await fs.rename(programs, unpacked);
  await fs.rm(top, { recursive: true, force: true });
  for (const name of await fs.readdir(unpacked)) {
    await fs.rename(path.join(unpacked, name), path.join(directory, name));
  }
  await fs.rmdir(unpacked);
}
