// Runs a policy pack for an engine that has no language host: `policyPackHost.js <engine's address> <directory>`, in the
// directory of the pack (sdk/v3.246.0, plugin/analyzer_plugin.go). It ends with the engine, as the host of dynamic resources.
const path = require("node:path");

const engine = process.ppid;
setInterval(() => {
  if (process.ppid !== engine) process.exit(1);
}, 250).unref();

require("./lazyClosures.js");
require(path.resolve(process.argv[3]));
