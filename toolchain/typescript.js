// Has Node run TypeScript. Every program of this repository loads tsx through this file, and none by another way:
// tsx 4.23 keeps compiled code in `tsx-<uid>` below the system's temporary directory and runs what it finds there without
// a look at its owner, so that another user of the machine could put code there first. Compiling again takes about 0.1 s.
process.env.TSX_DISABLE_CACHE = "1";
require("tsx/cjs");
