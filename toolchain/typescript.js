// Has Node run TypeScript. Every program of this repository loads tsx through this file, and none by another way:
// tsx 4.23 keeps compiled code in `tsx-<uid>` below the system's temporary directory and runs what it finds there without
// a look at its owner, so that another user of the machine could put code there first. Here it keeps it beside the code of
// the packages, which is run as well, and nowhere where that cannot be written.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const cache = path.resolve(__dirname, "../node_modules/.cache/typescript");
const { TMPDIR } = process.env;
try {
  fs.mkdirSync(cache, { recursive: true });
  fs.accessSync(cache, fs.constants.W_OK);
  // it is looked at while tsx is loaded, and not later (node:os)
  process.env.TMPDIR = cache;
} catch {
  process.env.TSX_DISABLE_CACHE = "1";
}
require("tsx/cjs");
if (TMPDIR === undefined) delete process.env.TMPDIR;
else process.env.TMPDIR = TMPDIR;
