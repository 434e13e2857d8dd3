import assert from "node:assert/strict";
import { needsEngine } from "../../support/pulumi/engine";
import { until } from "../../support/until";
import { Sandbox, getJson, oneZone } from "../support";

/** A global makes a mesh at its first start alone: that the zone is gone which brought one, is no reason to restart it. */
describe("the last zone that leaves a stack", function () {
  needsEngine();
  let sandbox: Sandbox;
  after(() => sandbox?.remove());

  it("leaves the global as it runs", async () => {
    sandbox = new Sandbox();
    const { config, globalUrl } = await oneZone({ store: "memory" });
    const [zone] = config.zones as object[];
    sandbox.writeStack("test", config);
    const up = async () => {
      const { status, output } = await sandbox.run("up", "--stack", "test");
      assert.equal(status, 0, output);
      return output;
    };
    const places = (place: string) => sandbox.processes(`state/stacks/test/${place}`);
    await up();
    const before = places("global");
    assert.ok(before.length > 0);
    for (const pid of places("zones/zone-1")) process.kill(pid, "SIGKILL");
    await until("the global to see that the zone is away", async () => {
      const overview = await getJson<{ zoneInsight: { subscriptions: { disconnectTime?: string }[] } }>(
        `${globalUrl}/zones/zone-1/_overview`,
      );
      return overview.zoneInsight.subscriptions.at(-1)?.disconnectTime !== undefined;
    });
    sandbox.writeStack("test", { ...config, zones: [{ ...zone, remove: "force" }] });
    assert.doesNotMatch(await up(), /updated +global\b/);
    assert.deepEqual(places("global"), before);
  });
});
