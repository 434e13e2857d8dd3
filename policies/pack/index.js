// What an engine is given as a policy pack, by `--policy-pack`: this directory, also within an installed package.
require("../../toolchain/compiled.js").load("policies/pack/pack");
