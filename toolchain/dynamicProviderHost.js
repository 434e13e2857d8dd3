// Runs Pulumi's provider for dynamic resources, and ends with the engine that started it. An engine that is killed, or
// interrupted, does not always end its plugins, and one that lives on would go on writing beside the next run.
const engine = process.ppid;
setInterval(() => {
  if (process.ppid !== engine) process.exit(1);
}, 250).unref();

require("./lazyClosures.js");
require("@pulumi/pulumi/cmd/dynamic-provider");
