import * as fs from "node:fs";
import * as path from "node:path";
import { ROOT, Sandbox, oneZone } from "../support";
import { PASSPHRASE, STACK, keep } from "./fixture";

/** Keeps a stack of this version, for the tests of all that follow; CONTRIBUTING.md, "To release a version". */
async function main(): Promise<void> {
  const { version } = JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8")) as {
    version: string;
  };
  const sandbox = new Sandbox({ PULUMI_CONFIG_PASSPHRASE: PASSPHRASE });
  try {
    const { config, globalUrl, zoneUrl } = await oneZone();
    sandbox.writeStack(STACK, { ...config, policies: "policies/demo" });
    const { status, output } = await sandbox.run("up", "--stack", STACK);
    if (status !== 0) throw new Error(output);
    // what they have is in their files
    for (const pid of sandbox.processes()) process.kill(pid, "SIGKILL");
    keep(
      sandbox,
      version,
      [globalUrl, zoneUrl].map((url) => Number(new URL(url).port) - 81),
    );
    console.log(`kept as test/integration/states/versions/${version}`);
  } finally {
    await sandbox.remove();
  }
}

void main();
