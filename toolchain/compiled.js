/**
 * Which code runs. The package holds the program compiled, in `dist/`. In a checkout `scripts/build.js` keeps it there, and
 * as long as that is not the code of today (or the checkout cannot be written), the sources are compiled as they are loaded.
 */
"use strict";

const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

/** Holds the digest of the sources that `dist/` was compiled from. */
const STAMP = ".sources";
/** What is compiled, below the root; tests and the bench run from their sources. */
const SOURCES = [
  "cli",
  "components",
  "index.ts",
  "kuma",
  "platforms",
  "policies/pack",
  "resources",
  "stand-in",
  "stack",
  "toolchain",
];

const root = path.resolve(__dirname, "..");
const dist = path.join(root, "dist");
const onTheFly = path.join(__dirname, "typescript.js");

/** Files of the program, relative to the root. */
function sources() {
  const walk = (name) => {
    if (/\.ts$/.test(name)) return [name];
    const entries = fs.readdirSync(path.join(root, name), { withFileTypes: true });
    return entries.flatMap((entry) =>
      entry.isDirectory() || /\.ts$/.test(entry.name) ? walk(path.join(name, entry.name)) : [],
    );
  };
  return SOURCES.filter((name) => fs.existsSync(path.join(root, name))).flatMap(walk);
}

/** The same of what is there: the sources of a checkout, the compiled program of a package. */
function program() {
  if (!isPackage()) return sources();
  const files = fs.readdirSync(dist, { recursive: true }).filter((name) => /\.js$/.test(name));
  return files.sort().map((name) => path.join("dist", name));
}

/** Changes with every change of a source. */
function digestOf(files) {
  const hash = crypto.createHash("sha256");
  for (const file of files) {
    const { mtimeMs, size } = fs.statSync(path.join(root, file));
    hash.update(`${file} ${mtimeMs} ${size}\n`);
  }
  return hash.digest("hex");
}

/** Looked at once in a process, as the sources are many. */
let isToday;

function isCompiled() {
  isToday ??= look();
  return isToday;
}

function isPackage() {
  return !fs.existsSync(path.join(root, "cli", "main.ts"));
}

function look() {
  if (isPackage()) return true;
  const stamp = path.join(dist, STAMP);
  return fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === digestOf(sources());
}

/** Says that `dist/` was written just now. */
function setCompiled() {
  isToday = true;
}

/** What Node is to be given to run a program, such as `cli/main`. */
function argumentsFor(program) {
  return isCompiled()
    ? ["--enable-source-maps", path.join(dist, `${program}.js`)]
    : ["--require", onTheFly, path.join(root, `${program}.ts`)];
}

/** Loads a module of the program into this process. */
function load(module) {
  if (isCompiled()) return require(path.join(dist, module));
  require(onTheFly);
  return require(path.join(root, `${module}.ts`));
}

module.exports = {
  STAMP,
  argumentsFor,
  digestOf,
  dist,
  isCompiled,
  load,
  program,
  root,
  setCompiled,
  sources,
};
