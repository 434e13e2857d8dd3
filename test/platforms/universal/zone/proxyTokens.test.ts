import * as assert from "node:assert/strict";
import { type ControlPlane, KumaError } from "../../../../kuma";
import type { Host, Ran } from "../../../../platforms/universal/hosts/host";
import { dueProxies, hasToRestart, restartProxies } from "../../../../platforms/universal/zone/proxyTokens";
import type { KeptFiles } from "../../../../platforms/universal/zone/zoneRuntime";
import { captureLog } from "../../../support/captureLog";
import { cleanUp } from "../../../support/cleanUp";

/** A host without any proxy, which may be away. */
class Machine implements Pick<Host, "title" | "run"> {
  readonly restarted: string[] = [];
  isAway = false;

  constructor(readonly title: string) {}

  async run(argv: readonly string[]): Promise<Ran> {
    if (this.isAway) throw new KumaError("unreachable", `Host ${this.title} cannot be reached over SSH.`);
    if (argv[0] === "systemctl") this.restarted.push(argv.at(-1) as string);
    return { status: 0, stdout: "", stderr: "" };
  }
}

/** What lies beside a zone. */
function kept(files: Record<string, string>): KeptFiles {
  return {
    readKept: async (name) => files[name],
    writeKept: async (name, content) => void (files[name] = content),
    forgetKept: async (...names) => names.forEach((name) => delete files[name]),
  };
}

describe("platforms/universal/zone/proxyTokens", () => {
  afterEach(cleanUp);

  const machines = () => [new Machine("near"), new Machine("away"), new Machine("far")];
  const at = (hosts: Machine[]) => ({ zoneName: "zone-a", hosts: hosts as unknown as Host[] });

  it("look at the other hosts where one cannot be reached, and say so", async () => {
    const hosts = machines();
    hosts[1].isAway = true;
    const { lines } = captureLog();
    assert.deepEqual(await dueProxies(at(hosts), { config: {}, proxies: [] }, new Map() as never), []);
    assert.deepEqual(lines, [
      "warning: zone zone-a: the tokens of proxies on away were not looked at, and are as they were. Host away cannot be reached over SSH.",
    ]);
  });

  it("restart those that can be reached, and the others once they can", async () => {
    const hosts = machines();
    const noted = ["near", "away", "far", "gone"].map((host) => ({
      ...{ host, unit: `${host}.service`, key: "ZoneIngress in" },
    }));
    const notes = kept({ "proxies-to-restart.json": JSON.stringify(noted) });
    const zone = {} as ControlPlane;
    hosts[1].isAway = true;
    const { lines } = captureLog();
    await restartProxies(at(hosts), notes, zone);
    assert.deepEqual(
      hosts.map(({ restarted }) => restarted),
      [["near.service"], [], ["far.service"]],
    );
    assert.match(lines.join("\n"), /was not restarted with it \(away\.service\).*The next up restarts it\./);
    assert.equal(await hasToRestart(notes), true);
    hosts[1].isAway = false;
    await restartProxies(at(hosts), notes, zone);
    assert.deepEqual(hosts[1].restarted, ["away.service"]);
    assert.equal(await hasToRestart(notes), false);
  });
});
