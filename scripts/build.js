#!/usr/bin/env node
/**
 * Compiles the program into `dist/`, where it is not there yet as it is today. `npm run build` calls it, and every command
 * of a checkout before it begins.
 *
 *   node scripts/build.js [--types]
 *
 * With `--types` it writes the declarations as well, for a package.
 */
"use strict";

const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { STAMP, digestOf, dist, isCompiled, root, setCompiled, sources } = require("../toolchain/compiled.js");

const USAGE = `Usage: npm run build -- [--types]

Compiles the program into dist/, where it has changed. With --types it writes the declarations as well, for a package.`;

/** Writes what has changed, each file whole: another command may be running from `dist/`. */
function compile() {
  const files = sources();
  const digest = digestOf(files);
  const { outputFiles } = require("esbuild").buildSync({
    absWorkingDir: root,
    entryPoints: files,
    outbase: root,
    outdir: dist,
    format: "cjs",
    platform: "node",
    target: "node20",
    sourcemap: true,
    sourcesContent: false,
    write: false,
    logLevel: "silent",
  });
  for (const { path: file, contents } of outputFiles) replaceFile(file, contents);
  removeAllBut(new Set(outputFiles.map(({ path: file }) => file)));
  replaceFile(path.join(dist, STAMP), digest);
}

function replaceFile(file, contents) {
  if (fs.existsSync(file) && Buffer.compare(fs.readFileSync(file), Buffer.from(contents)) === 0) return;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  fs.writeFileSync(temporary, contents);
  fs.renameSync(temporary, file);
}

/** What is left of sources that are gone. */
function removeAllBut(files) {
  for (const entry of fs.readdirSync(dist, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && /\.js(\.map)?$/.test(file) && !files.has(file)) fs.rmSync(file, { force: true });
  }
}

function declarations() {
  const tsc = path.join(root, "node_modules", "typescript", "bin", "tsc");
  const { status } = spawnSync(process.execPath, [tsc, "-p", path.join(root, "tsconfig.package.json")], {
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
}

function build() {
  if (isCompiled()) return;
  compile();
  setCompiled();
}

module.exports = { build };

if (require.main === module) {
  const unknown = process.argv.slice(2).filter((arg) => arg !== "--types");
  if (unknown.length > 0) {
    const isHelp = unknown.some((arg) => arg === "--help" || arg === "-h");
    if (isHelp) console.log(USAGE);
    else console.error(`npm run build does not take ${unknown.join(" ")}. Nothing was done.\n\n${USAGE}`);
    process.exit(isHelp ? 0 : 2);
  }
  build();
  if (process.argv.includes("--types")) declarations();
}
