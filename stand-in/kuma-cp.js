#!/usr/bin/env node
// Launcher of the stand-in control plane.
require("../toolchain/compiled.js").load("stand-in/main");
