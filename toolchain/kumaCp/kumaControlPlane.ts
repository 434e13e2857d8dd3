import * as path from "node:path";
import type { ToolchainContext } from "../context";
import { WrongDigest } from "../download/download";
import { findOnPath, resolveNamed } from "../process/executables";
import { reasonOf, ToolchainError } from "../errors";
import { KUMA_RELEASE, WrongVariable, cachedFile, cachedKumaCp, downloadKumaCp } from "./kumaRelease";
import { PACKAGE_ROOT } from "../packageRoot";
import { type KumaVersion, usableKumaVersion } from "./kumaVersion";

/**
 * Which control plane the user wants on this machine:
 * - `auto`: the one that `KUMA_CP` names, or a usable kuma-cp on PATH, or the official release (from the cache, or
 *   downloaded), or else the stand-in;
 * - `embedded`: the stand-in;
 * - `path`: the one that `KUMA_CP` names or the first on PATH, and nothing else;
 * - `download`: the official release, and nothing else.
 */
export type KumaCpChoice = "auto" | "embedded" | "path" | "download";

export interface KumaCpOptions extends ToolchainContext {
  readonly choice: KumaCpChoice;
}

/** A program that behaves as `kuma-cp`. */
export interface KumaCp extends KumaVersion {
  /** The program and its first arguments; the caller appends `run`. */
  readonly command: string[];
  /** True for the stand-in, which the output must call by that name. */
  readonly standIn: boolean;
  readonly source: "env" | "path" | "cache" | "release" | "embedded";
}

/**
 * Finds the control plane that `choice` asks for, and gets the official release where that is asked for. What the user
 * named (by `KUMA_CP`, or by any choice but `auto`) is given or refused, never replaced by something else; `auto`
 * tells each step in a line, and passes over a place that has none. A release with another digest than the published one
 * ends in an error for `auto` too: that is no place without a kuma-cp, but somebody who puts another file there.
 *
 * @throws ToolchainError on why it cannot be had.
 */
export async function findKumaCp(options: KumaCpOptions): Promise<KumaCp> {
  const { choice, env } = options;
  switch (choice) {
    case "embedded":
      return standIn();
    case "download":
      return (await cached(options)) ?? told(await downloaded(options), options.log);
    case "path":
      return env.KUMA_CP ? named(env.KUMA_CP, env) : onPath(options);
    case "auto":
      return env.KUMA_CP ? told(await named(env.KUMA_CP, env), options.log) : automatic(options);
  }
}

/**
 * Gets the official release again where a control plane was started with it and the cache was emptied since. Any other
 * program is the user's own affair.
 *
 * @throws ToolchainError on why it cannot be had.
 */
export async function restoreKumaCp(program: string, context: ToolchainContext): Promise<void> {
  if (program === cachedFile(context.env) && cachedKumaCp(context.env) === undefined)
    await downloaded(context);
}

async function named(value: string, env: NodeJS.ProcessEnv): Promise<KumaCp> {
  const file = resolveNamed(value, env);
  if (!file) {
    throw new ToolchainError(`KUMA_CP is "${value}", and no such program can be executed.`);
  }
  try {
    return await real(file, "env", env);
  } catch (error) {
    throw new ToolchainError(`KUMA_CP names a control plane that cannot be used: ${reasonOf(error)}.`);
  }
}

async function onPath({ env }: KumaCpOptions): Promise<KumaCp> {
  const [file] = findOnPath("kuma-cp", env);
  if (!file) {
    throw new ToolchainError("There is no kuma-cp on PATH; install Kuma 2.x or set KUMA_CP to its kuma-cp.");
  }
  try {
    return await real(file, "path", env);
  } catch (error) {
    throw new ToolchainError(`The kuma-cp on PATH cannot be used: ${reasonOf(error)}.`);
  }
}

async function automatic(options: KumaCpOptions): Promise<KumaCp> {
  const { log } = options;
  for (const place of [onAnyPath, cached, released]) {
    const found = await place(options);
    if (found) return found;
  }
  log(
    `kuma-cp: the stand-in takes its place, modelled on Kuma ${KUMA_RELEASE}. The setting kumaCp: embedded asks for it at once.`,
  );
  return standIn();
}

async function onAnyPath({ env, log }: KumaCpOptions): Promise<KumaCp | undefined> {
  const files = findOnPath("kuma-cp", env);
  if (files.length === 0) log("kuma-cp: none on PATH.");
  for (const file of files) {
    try {
      return told(await real(file, "path", env), log);
    } catch (error) {
      log(`Note: passed over the kuma-cp on PATH: ${reasonOf(error)}.`);
    }
  }
  return undefined;
}

async function cached({ env, log }: KumaCpOptions): Promise<KumaCp | undefined> {
  const file = cachedKumaCp(env);
  if (file === undefined) {
    log(`kuma-cp: none in the cache; looking for the official release ${KUMA_RELEASE}.`);
    return undefined;
  }
  try {
    return told(await real(file, "cache", env), log);
  } catch (error) {
    log(`Note: passed over the kuma-cp in the cache: ${reasonOf(error)}.`);
    return undefined;
  }
}

async function released(options: KumaCpOptions): Promise<KumaCp | undefined> {
  try {
    return told(await downloaded(options), options.log);
  } catch (error) {
    if (!(error instanceof ToolchainError) || error instanceof Untrusted) throw error;
    options.log(`Note: ${error.message}`);
    return undefined;
  }
}

function told(found: KumaCp, log: (line: string) => void): KumaCp {
  const { product, version, command, source } = found;
  log(`kuma-cp: ${product} ${version} ${PLACES[source]}, ${command[0]}.`);
  return found;
}

const PLACES: Record<KumaCp["source"], string> = {
  env: "named by KUMA_CP",
  path: "on PATH",
  cache: "in the cache",
  release: "from the official release",
  embedded: "as a stand-in",
};

/** What would verify a release, or the release itself, is not right: nobody but the user can tell why. */
class Untrusted extends ToolchainError {}

async function downloaded(context: ToolchainContext): Promise<KumaCp> {
  try {
    return await real(await downloadKumaCp(context), "release", context.env);
  } catch (error) {
    if (error instanceof WrongVariable) throw new Untrusted(`${error.message}. Nothing was downloaded.`);
    if (error instanceof WrongDigest) {
      throw new Untrusted(
        `Kuma ${KUMA_RELEASE} was refused: ${error.message}. Nothing of it was run. Look whether KUMA_SHA256, ` +
          "KUMA_RELEASE_URL and KUMA_CHECKSUMS_URL are as they should be, and who stands between this machine and them; " +
          "KUMA_CP names a kuma-cp that you trust, and kumaCp: embedded asks for the stand-in.",
      );
    }
    if (error instanceof ToolchainError) {
      throw new ToolchainError(`Kuma ${KUMA_RELEASE} cannot be downloaded: ${error.message}.`);
    }
    throw error;
  }
}

async function real(file: string, source: KumaCp["source"], env: NodeJS.ProcessEnv): Promise<KumaCp> {
  return { command: [file], standIn: false, source, ...(await usableKumaVersion(file, env)) };
}

/** The stand-in speaks as the release that it was modelled on. */
function standIn(): KumaCp {
  return {
    command: [process.execPath, path.join(PACKAGE_ROOT, "stand-in", "kuma-cp.js")],
    product: "Kuma",
    version: KUMA_RELEASE,
    standIn: true,
    source: "embedded",
  };
}
