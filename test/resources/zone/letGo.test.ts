import assert from "node:assert/strict";
import { GLOBAL_GOES_VARIABLE } from "../../../resources/options/undoMode";
import { MEMBERS_VARIABLE, noteMember } from "../../../resources/options/members";
import { forgetRun } from "../../../resources/provider/oneRun";
import { letGo } from "../../../resources/zone/letGo";
import { captureLog } from "../../support/captureLog";
import { cleanUp, setEnvironment } from "../../support/cleanUp";
import { FakeControlPlane, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { proxyOf } from "../../support/resources/proxyOf";

describe("resources/zone/letGo", () => {
  let global: FakeControlPlane;
  let told: string[];

  beforeEach(async () => {
    global = await FakeControlPlane.start();
    global.add({ type: "Mesh", name: "default" });
    for (const name of ["zone-1", "zone-2"])
      global.add({ type: "Zone", name, enabled: true, labels: { team: "a" } });
    for (const each of [proxyOf("zone-1", "shop", "pay"), proxyOf("zone-2", "shop")]) global.add(each);
    told = captureLog().lines;
    leaves("");
  });
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

  const leaves = (members: string | undefined) => setEnvironment(MEMBERS_VARIABLE, members);
  const place = () => ({ zoneName: "zone-1", global: { url: global.url } });
  const leave = () => letGo(place(), { waitMs: 0 });
  const zone = () => global.store.get("Zone zone-1");

  it("disables a zone that leaves, where others have one of its services too, and says so", async () => {
    await leave();
    assert.equal(zone()?.enabled, false);
    assert.deepEqual(told, [
      "zone zone-1: it is disabled on the global until it has left, so that calls to what other zones have too go there (shop)",
    ]);
  });

  it("leaves one alone that stays, or whose global goes, or that a person's own command takes away", async () => {
    leaves("zone-2,zone-1");
    await leave();
    leaves("");
    setEnvironment(GLOBAL_GOES_VARIABLE, "true");
    await leave();
    setEnvironment(GLOBAL_GOES_VARIABLE, undefined);
    leaves(undefined);
    await leave();
    assert.deepEqual([zone()?.enabled, global.requests, told], [true, [], []]);
  });

  it("takes a zone for one that leaves, under Pulumi's own commands too, where others of the program are members", async () => {
    leaves(undefined);
    noteMember("zone-1");
    await leave();
    assert.equal(zone()?.enabled, true, "it stays");
    forgetRun();
    noteMember("zone-2");
    await leave();
    assert.equal(zone()?.enabled, false);
  });

  it("goes by what the program's commands say, where they say it", async () => {
    noteMember("zone-1");
    await leave();
    assert.equal(zone()?.enabled, false);
  });

  it("leaves one alone whose services no other zone that is enabled has", async () => {
    global.add({ type: "Zone", name: "zone-2", enabled: false });
    await leave();
    assert.equal(zone()?.enabled, true);
  });

  it("keeps no zone from leaving that the global does not know, or that cannot be told", async () => {
    global.store.delete("Zone zone-1");
    await leave();
    assert.deepEqual(told, []);
    global.fail("PUT /zones/zone-1", { status: 400 });
    global.add({ type: "Zone", name: "zone-1", enabled: true });
    await leave();
    assert.match(told.join("\n"), /^warning: zone zone-1: it could not be disabled .* with status 400/);
  });
});
