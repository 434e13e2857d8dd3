#!/usr/bin/env node
// Launcher of the stand-in control plane: the program itself is TypeScript, which tsx compiles on the fly.
require("../toolchain/typescript.js");
require("./main.ts");
