#!/usr/bin/env node
// Launcher of the stand-in for Konnect: the program itself is TypeScript, which tsx compiles on the fly.
require("../toolchain/typescript.js");
require("./konnect/main.ts");
