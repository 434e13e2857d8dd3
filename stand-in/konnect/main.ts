import { loadConfig } from "../config";
import { KonnectStandIn } from "./konnect";

async function run(): Promise<void> {
  const config = loadConfig({ ...process.env, KUMA_MODE: "global" });
  const konnect = new KonnectStandIn(config, process.env.STAND_IN_KONNECT_REGION || "us");
  let stopping = false;
  const stop = (): void => {
    if (stopping) {
      return;
    }
    stopping = true;
    void konnect.stop().then(() => process.exit(0), fail);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  await konnect.start();
  console.error(`stand-in for Konnect ready: http://${config.api.interface}:${config.api.port}`);
}

/** One line and status 1, so that a supervisor can show the reason as it is. */
function fail(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  console.error(`Error: ${message.replace(/\s*\n\s*/g, " ")}`);
  process.exit(1);
}

if (process.argv[2] === "run") {
  run().catch(fail);
} else {
  console.log("Usage: konnect run   starts the stand-in for Konnect (docs/konnect-stand-in.md)");
}
