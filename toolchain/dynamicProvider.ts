import { randomBytes } from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";

const SHIM_NAME = "pulumi-resource-pulumi-nodejs";

/**
 * Writes the program that the engine starts for dynamic providers. A full Pulumi installation has one beside
 * the engine; an engine that was built alone has none. The caller puts `dir` first on the engine's PATH.
 *
 * It changes to the project first, because what a provider requires is looked up from the working directory,
 * and it uses this very Node, which need not be the one on PATH.
 *
 * @param dir created when missing; several projects must not share it
 * @param projectRoot the directory that holds node_modules
 * @returns the path of the shim
 */
export async function writeDynamicProviderShim(dir: string, projectRoot: string): Promise<string> {
  const root = path.resolve(projectRoot);
  const provider = path.join(root, "toolchain", "dynamicProviderHost.js");
  const shim =
    process.platform === "win32"
      ? { name: `${SHIM_NAME}.cmd`, text: cmdShim(root, process.execPath, provider) }
      : { name: SHIM_NAME, text: shShim(root, process.execPath, provider) };
  const file = path.join(path.resolve(dir), shim.name);
  await fs.mkdir(path.dirname(file), { recursive: true });
  // By a rename, so that an engine that runs at the same time never starts half a script.
  const temporary = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    await fs.writeFile(temporary, shim.text, { mode: 0o755 });
    await fs.rename(temporary, file);
  } finally {
    await fs.rm(temporary, { force: true });
  }
  return file;
}

function shShim(root: string, node: string, provider: string): string {
  return [
    "#!/bin/sh",
    `cd ${shQuote(root)} || exit 1`,
    `exec ${shQuote(node)} ${shQuote(provider)} "$@"`,
    "",
  ].join("\n");
}

function cmdShim(root: string, node: string, provider: string): string {
  return ["@echo off", `cd /d ${cmdQuote(root)}`, `${cmdQuote(node)} ${cmdQuote(provider)} %*`, ""].join(
    "\r\n",
  );
}

function shQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A path on Windows cannot hold a double quote; a percent sign would start a variable. */
function cmdQuote(text: string): string {
  return `"${text.replaceAll("%", "%%")}"`;
}
