import { parseArgs } from "node:util";

import { loadConfig } from "./config";
import { ControlPlane } from "./controlPlane";
import { KUMA_VERSION } from "./version";

const USAGE = `Usage: kuma-cp <command>

Commands:
  run       starts the stand-in control plane, configured by KUMA_ environment variables; --config-file FILE names a file
  version   prints the version`;

async function run(): Promise<void> {
  const options = { "config-file": { type: "string", short: "c" } } as const;
  const { values } = parseArgs({ args: process.argv.slice(3), options });
  const controlPlane = new ControlPlane(loadConfig(process.env, values["config-file"]));
  let stopping = false;
  const stop = (): void => {
    if (stopping) {
      return;
    }
    stopping = true;
    void controlPlane.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  await controlPlane.start();
  console.error(`stand-in control plane ready: ${controlPlane.describe()}`);
}

/** One line and status 1, so that a supervisor can show the reason as it is. */
function fail(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  console.error(`Error: ${message.replace(/\s*\n\s*/g, " ")}`);
  process.exit(1);
}

switch (process.argv[2]) {
  case "run":
    run().catch(fail);
    break;
  case "version":
    console.log(`Kuma: stand-in ${KUMA_VERSION}`);
    break;
  case undefined:
  case "help":
  case "--help":
  case "-h":
    console.log(USAGE);
    break;
  default:
    fail(new Error(`unknown command "${process.argv[2]}" for "kuma-cp"`));
}
