// The package's `main`: what Pulumi's language host for Node runs for `PulumiPlugin.yaml`. Programs import it by `exports`.
require("./compiled.js").load("components/host").serve(process.argv.slice(2));
