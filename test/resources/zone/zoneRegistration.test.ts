import assert from "node:assert/strict";
import type { Properties } from "../../../resources/provider/handler";
import { cleanUp } from "../../support/cleanUp";
import { FakeControlPlane, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { HandlerRun } from "../../support/pulumi/handlerRun";

const ONLINE = { zoneInsight: { subscriptions: [{ id: "1", connectTime: "2026-01-01T00:00:00Z" }] } };

describe("resources/zoneRegistration", () => {
  let global: FakeControlPlane;
  let state: Map<string, Properties>;

  beforeEach(async () => {
    global = await FakeControlPlane.start();
    state = new Map();
  });
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

  const inputs = (zoneName: string): Properties => ({ zoneName, global: { url: global.url } });
  const step = (zoneName = "zone-1") => new HandlerRun(state).step("zoneRegistration", inputs(zoneName));
  const writes = () => global.requests.filter(({ method }) => method !== "GET");

  it("takes a name that is free, writes nothing, and has nothing to do the next time", async () => {
    assert.equal((await step()).changed, true);
    assert.equal((await step()).changed, false);
    assert.deepEqual(writes(), []);
  });

  it("refuses the name of a zone that is online", async () => {
    global.overviews.set("zone-1", [ONLINE]);
    await assert.rejects(step(), {
      message:
        "A zone zone-1 is online on the global control plane already; a second one of that name would take its resources away. " +
        "Nothing was changed. Give the new zone another name.",
    });
    assert.equal(state.size, 0);
  });

  it("takes the name of a zone that is offline, as one that was cut short leaves it", async () => {
    const gone = { ...ONLINE.zoneInsight.subscriptions[0], disconnectTime: "2026-01-02T00:00:00Z" };
    global.overviews.set("zone-1", [{ zoneInsight: { subscriptions: [gone] } }]);
    assert.equal((await step()).changed, true);
  });

  it("has the global forget the zone, and counts one that is gone as forgotten", async () => {
    await step();
    global.add({ type: "Zone", name: "zone-1" });
    await new HandlerRun(state).remove("zoneRegistration");
    assert.deepEqual([global.store.has("Zone zone-1"), state.size], [false, 0]);

    await step();
    await new HandlerRun(state).remove("zoneRegistration");
    assert.equal(state.size, 0);
  });
});
