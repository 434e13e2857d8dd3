import * as path from "node:path";
import type { ToolchainContext } from "./context";
import { findOnPath, resolveNamed } from "./executables";
import { reasonOf, ToolchainError } from "./errors";
import { KUMA_RELEASE, kumaCpOfRelease } from "./kumaRelease";
import { type KumaVersion, usableKumaVersion } from "./kumaVersion";

/**
 * Which control plane the user wants on this machine:
 * - `auto`: the one that `KUMA_CP` names, or a usable kuma-cp on PATH, or else the stand-in;
 * - `embedded`: the stand-in;
 * - `path`: the one that `KUMA_CP` names or the first on PATH, and nothing else;
 * - `download`: the official release.
 */
export type KumaCpChoice = "auto" | "embedded" | "path" | "download";

export interface KumaCpOptions extends ToolchainContext {
  readonly choice: KumaCpChoice;
  /** The directory that holds `sandbox/kuma-cp.js`. */
  readonly projectRoot: string;
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
 * Finds the control plane that `choice` asks for. What the user named (by `KUMA_CP`, or by any choice but
 * `auto`) is given or refused, never replaced by something else; `auto` passes over an unusable kuma-cp on
 * PATH with a note.
 *
 * @throws ToolchainError with one sentence on why it cannot be had.
 */
export async function findKumaCp(options: KumaCpOptions): Promise<KumaCp> {
  const { choice, env } = options;
  switch (choice) {
    case "embedded":
      return standIn(options.projectRoot);
    case "download":
      return downloaded(options);
    case "path":
      return env.KUMA_CP ? named(env.KUMA_CP, env) : onPath(options);
    case "auto":
      return env.KUMA_CP ? named(env.KUMA_CP, env) : automatic(options);
  }
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

async function automatic({ env, log, projectRoot }: KumaCpOptions): Promise<KumaCp> {
  for (const file of findOnPath("kuma-cp", env)) {
    try {
      return await real(file, "path", env);
    } catch (error) {
      log(`Note: passed over the kuma-cp on PATH: ${reasonOf(error)}.`);
    }
  }
  return standIn(projectRoot);
}

async function downloaded(options: KumaCpOptions): Promise<KumaCp> {
  try {
    const { file, source } = await kumaCpOfRelease(options);
    return await real(file, source, options.env);
  } catch (error) {
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
function standIn(projectRoot: string): KumaCp {
  return {
    command: [process.execPath, path.join(path.resolve(projectRoot), "sandbox", "kuma-cp.js")],
    product: "Kuma",
    version: KUMA_RELEASE,
    standIn: true,
    source: "embedded",
  };
}
