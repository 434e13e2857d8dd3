/**
 * Pulumi's SDK loads TypeScript and npm's Arborist when it is loaded itself, for two functions that write code into a state
 * (@pulumi/pulumi 3.248, runtime/index.ts). They take longer than the rest of the SDK, and neither this program, whose
 * resources bring their code (handledBy.js), nor the provider's process calls them. Required before the SDK, this has the
 * two load what they need when they are called.
 */
"use strict";

const Module = require("node:module");

const FUNCTIONS = {
  "@pulumi/pulumi/runtime/closure/serializeClosure": ["serializeFunction", "serializeFunctionAsync"],
  "@pulumi/pulumi/runtime/closure/codePaths": ["computeCodePaths"],
};

for (const [name, functions] of Object.entries(FUNCTIONS)) {
  const file = require.resolve(name);
  // the SDK is loaded already
  if (require.cache[file] !== undefined) continue;
  let loaded;
  const load = () => {
    if (loaded === undefined) {
      delete require.cache[file];
      loaded = require(file);
    }
    return loaded;
  };
  const lazy = new Module(file, module);
  lazy.filename = file;
  lazy.loaded = true;
  lazy.exports = Object.fromEntries(functions.map((each) => [each, (...args) => load()[each](...args)]));
  require.cache[file] = lazy;
}
