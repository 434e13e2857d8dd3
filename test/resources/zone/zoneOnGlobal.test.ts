import assert from "node:assert/strict";
import { Properties, UNKNOWN } from "../../../resources/provider/handler";
import { GLOBAL_GOES_VARIABLE } from "../../../resources/options/undoMode";
import { MEMBERS_VARIABLE } from "../../../resources/options/members";
import { captureLog } from "../../support/captureLog";
import { cleanUp, later } from "../../support/cleanUp";
import { FakeControlPlane, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { HandlerRun } from "../../support/pulumi/handlerRun";

describe("resources/zoneOnGlobal", () => {
  let global: FakeControlPlane;
  let state: Map<string, Properties>;
  let told: string[];

  beforeEach(async () => {
    global = await FakeControlPlane.start();
    global.add({ type: "Zone", name: "zone-1", enabled: true, labels: { team: "a" } });
    state = new Map();
    told = captureLog().lines;
  });
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

  const inputs = (enabled: unknown): Properties => ({
    ...{ zoneName: "zone-1", enabled },
    global: { url: global.url },
  });
  const step = (enabled: boolean) => new HandlerRun(state).step("zoneOnGlobal", inputs(enabled));
  const remove = () => new HandlerRun(state).remove("zoneOnGlobal");
  const zone = () => global.store.get("Zone zone-1");
  const writes = () => global.requests.filter(({ method }) => method !== "GET").length;

  it("writes what the setting says, keeps what else the Zone has, and has nothing to do the next time", async () => {
    assert.equal((await step(false)).changed, true);
    assert.deepEqual([zone()?.enabled, zone()?.labels], [false, { team: "a" }]);
    assert.equal((await step(false)).changed, false);
    assert.equal(writes(), 1);
    assert.ok(told.includes("zone zone-1: it is disabled on the global"), told.join("\n"));
  });

  it("writes nothing where the global says so already", async () => {
    await step(true);
    assert.equal(writes(), 0);
  });

  it("puts back what somebody else changed", async () => {
    await step(false);
    global.add({ type: "Zone", name: "zone-1", enabled: true });
    assert.equal((await step(false)).changed, true);
    assert.equal(zone()?.enabled, false);
  });

  it("enables the zone again when it goes, unless somebody has, or the Zone or the global goes as well", async () => {
    await step(false);
    await remove();
    assert.equal(zone()?.enabled, true);

    await step(false);
    global.store.delete("Zone zone-1");
    await remove();
    assert.equal(zone(), undefined);

    global.add({ type: "Zone", name: "zone-1", enabled: true });
    await step(false);
    process.env[GLOBAL_GOES_VARIABLE] = "true";
    later(() => void delete process.env[GLOBAL_GOES_VARIABLE]);
    await remove();
    assert.equal(zone()?.enabled, false);
  });

  it("stays disabled when it leaves the global, so that no other zone calls what is taken down", async () => {
    later(() => void delete process.env[MEMBERS_VARIABLE]);
    for (const [members, isEnabled] of [
      ["zone-0,zone-1", true],
      ["zone-11", false],
      ["", false],
    ] as const) {
      await step(false);
      process.env[MEMBERS_VARIABLE] = members;
      await remove();
      assert.equal(zone()?.enabled, isEnabled, members);
    }
  });

  it("refuses a zone that the global does not know", async () => {
    global.store.delete("Zone zone-1");
    await assert.rejects(step(false), /knows no zone zone-1, .* Nothing was changed\./);
  });

  it("says in a preview that a zone which is yet to join will be disabled, and nothing of one that is enabled", async () => {
    global.store.delete("Zone zone-1");
    for (const enabled of [true, false])
      await new HandlerRun(state).refusals("zoneOnGlobal", inputs(enabled));
    assert.deepEqual(told, [
      "zone zone-1 is disabled on the global when it joins: other zones get none of its services until it is enabled",
    ]);
  });

  it("is left for later in a preview of a global that is not there", async () => {
    const unknown = { ...inputs(false), global: { url: UNKNOWN } };
    assert.deepEqual(await new HandlerRun(state).refusals("zoneOnGlobal", unknown), []);
    assert.deepEqual([global.requests, told], [[], []]);
  });
});
