import { randomBytes } from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { PACKAGE_ROOT } from "../packageRoot";

/**
 * Writes the program that the engine starts for dynamic providers. A full Pulumi installation has one beside
 * the engine; an engine that was built alone has none. The caller puts `dir` first on the engine's PATH.
 *
 * It changes to the project first, because what a provider requires is looked up from the working directory,
 * and it uses this very Node, which need not be the one on PATH.
 *
 * @param dir created when missing; several projects must not share it
 * @param projectRoot the directory of the program, where the provider is to find this package
 * @returns the path of the shim
 */
export function writeDynamicProviderShim(dir: string, projectRoot: string): Promise<string> {
  const root = path.resolve(projectRoot);
  const provider = path.join(PACKAGE_ROOT, "toolchain", "dynamicProviderHost.js");
  return writeShim(dir, "pulumi-resource-pulumi-nodejs", [process.execPath, provider], root);
}

/**
 * Writes the program that the engine starts for a policy pack where it has no language host, which has a script of that name
 * beside it otherwise.
 */
export function writePolicyPackShim(dir: string): Promise<string> {
  const host = path.join(PACKAGE_ROOT, "toolchain", "policyPackHost.js");
  return writeShim(dir, "pulumi-analyzer-policy-nodejs", [process.execPath, host]);
}

/**
 * Writes `pulumi`, which is the engine that was found. The automation API runs the program of that name in a directory,
 * by its path, and has the engine find first what else lies there; PATH has no part in it. What takes long is guarded, see
 * engineGuard.js; Windows knows no signals that it would be guarded from.
 */
export function writeEngineShim(dir: string, engine: string): Promise<string> {
  const guard = [process.execPath, path.join(PACKAGE_ROOT, "toolchain", "engineGuard.js"), engine];
  const guarded = { commands: ["up", "preview", "refresh", "destroy"], by: guard };
  return writeShim(dir, "pulumi", [engine], undefined, guarded);
}

/** Writes a program that becomes another one, in the directory `cwd` where one is given. */
async function writeShim(
  dir: string,
  name: string,
  command: readonly string[],
  cwd?: string,
  guarded?: Guarded,
): Promise<string> {
  const shim =
    process.platform === "win32"
      ? { name: `${name}.cmd`, text: cmdShim(command, cwd) }
      : { name, text: shShim(command, cwd, guarded) };
  const file = path.join(path.resolve(dir), shim.name);
  await fs.mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  // By a rename, so that an engine that runs at the same time never starts half a script.
  const temporary = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    await fs.writeFile(temporary, shim.text, { mode: 0o700 });
    await fs.rename(temporary, file);
  } finally {
    await fs.rm(temporary, { force: true });
  }
  return file;
}

/** Another program that is run in place of it, where its first argument is one of these. */
interface Guarded {
  commands: readonly string[];
  by: readonly string[];
}

function shShim(command: readonly string[], cwd?: string, guarded?: Guarded): string {
  return [
    "#!/bin/sh",
    ...(cwd === undefined ? [] : [`cd ${shQuote(cwd)} || exit 1`]),
    ...(guarded
      ? [`case "$1" in ${guarded.commands.join("|")}) exec ${guarded.by.map(shQuote).join(" ")} "$@" ;; esac`]
      : []),
    `exec ${command.map(shQuote).join(" ")} "$@"`,
    "",
  ].join("\n");
}

function cmdShim(command: readonly string[], cwd?: string): string {
  return [
    "@echo off",
    ...(cwd === undefined ? [] : [`cd /d ${cmdQuote(cwd)}`]),
    `${command.map(cmdQuote).join(" ")} %*`,
    "",
  ].join("\r\n");
}

function shQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A path on Windows cannot hold a double quote; a percent sign would start a variable. */
function cmdQuote(text: string): string {
  return `"${text.replaceAll("%", "%%")}"`;
}
