/** A process that wants an engine and does nothing else; the tests kill it. */
import { ensurePulumiEngine } from "../../../toolchain/pulumi/pulumiEngine";

ensurePulumiEngine({ env: process.env, log: (line) => console.log(line) }).then(
  ({ path, source }) => console.log(`${source} ${path}`),
  (error: Error) => {
    console.log(error.message);
    process.exitCode = 1;
  },
);
