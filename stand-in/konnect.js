#!/usr/bin/env node
// Launcher of the stand-in for Konnect.
require("../toolchain/compiled.js").load("stand-in/konnect/main");
