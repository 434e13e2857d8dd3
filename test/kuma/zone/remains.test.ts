import * as assert from "node:assert/strict";
import { remainsOf, removeDeadZone } from "../../../kuma";
import { cleanUp } from "../../support/cleanUp";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { kumaErrorOf } from "../../support/errors";

const of = (zone: string, type: string, name: string, mesh?: string) => ({
  ...{ type, name, ...(mesh && { mesh }) },
  labels: { "kuma.io/origin": "zone", "kuma.io/zone": zone },
});

describe("kuma/zone/remains", () => {
  let global: FakeControlPlane;
  beforeEach(async () => {
    global = await FakeControlPlane.start();
    global.add(
      { type: "Mesh", name: "default" },
      { type: "Zone", name: "a" },
      of("a", "Dataplane", "web", "default"),
      of("a", "MeshTimeout", "own", "default"),
      of("b", "MeshTimeout", "others", "default"),
    );
  });
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });
  const connected = (disconnectTime?: string) =>
    global.overviews.set("a", [
      {
        name: "a",
        zoneInsight: {
          subscriptions: [
            { id: "s", connectTime: "2026-01-01T00:00:00Z", ...(disconnectTime && { disconnectTime }) },
          ],
        },
      },
    ]);

  it("tells what a zone owned, and nothing of others", async () => {
    connected();
    assert.deepEqual(await remainsOf(clientOf(global), "a"), {
      ...{ known: true, proxies: ["Dataplane default/web"], zoneProxies: [], services: [] },
      policies: ["MeshTimeout default/own"],
    });
  });

  it("refuses a zone that is connected, and deletes nothing", async () => {
    connected();
    const { code, message } = await kumaErrorOf(removeDeadZone(clientOf(global), "a"));
    assert.equal(code, "refused");
    assert.match(message, /^Zone a is connected .* Nothing was changed\..* federated: false /);
    assert.deepEqual(global.writes, []);
  });

  it("deletes the Zone alone, and names what the global has not deleted with it", async () => {
    connected("2026-01-01T00:01:00Z");
    const left = await removeDeadZone(clientOf(global), "a", 0);
    assert.deepEqual(global.writes, ["DELETE /zones/a"]);
    assert.deepEqual([...left].sort(), ["Dataplane default/web", "MeshTimeout default/own"]);
  });

  it("has nothing to do for a zone that is gone", async () => {
    global.store.delete("Zone a");
    global.store.delete("Dataplane default/web");
    global.store.delete("MeshTimeout default/own");
    assert.deepEqual(await removeDeadZone(clientOf(global), "a"), []);
  });
});
