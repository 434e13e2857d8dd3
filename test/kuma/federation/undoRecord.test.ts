import * as assert from "node:assert/strict";
import { Resource, keyOf, manifestOf, planFederation, recordOf, removeFromGlobal } from "../../../kuma";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { ALL, OF_OTHERS, license, mesh, route, zone } from "./undoFixtures";

describe("kuma/federation/undo: recordOf", () => {
  let global: FakeControlPlane;
  beforeEach(async () => (global = await FakeControlPlane.start({ resources: [...ALL, OF_OTHERS] })));
  afterEach(stopFakes);

  const plan = (there: Resource[], onConflict: "fail" | "overwrite" = "fail") =>
    planFederation([mesh, route, license], new Map(there.map((each) => [keyOf(each), each])), {
      onConflict,
      zones: [],
    });

  it("takes for brought what the plan creates, and nothing that was there", async () => {
    const { added } = await recordOf(plan([route]), undefined, "z", undefined);
    assert.deepEqual(added, manifestOf([mesh, license]));
  });

  it("keeps what an earlier run that was cut short was about to bring", async () => {
    const before = { added: manifestOf([license]), zonesBefore: {} };
    const { added } = await recordOf(plan([license, mesh]), undefined, "z", before);
    assert.deepEqual(added, manifestOf([license, route]));
  });

  it("follows what it brought itself and the zone has with other content by now, and nothing else", async () => {
    const former = { ...license, data: "eQ==" };
    const there = [former, { ...route, conf: { of: "others" } }];
    const before = { added: manifestOf([former]), zonesBefore: {} };
    const { added } = await recordOf(plan(there, "overwrite"), undefined, "z", before);
    assert.deepEqual(added, manifestOf([license, mesh]));
  });

  it("notes the zones that are there, once, and with the moment at which each came", async () => {
    global.add(zone("a", "then"), zone("z"));
    const first = await recordOf(plan([]), clientOf(global), "z", undefined);
    assert.deepEqual(first.zonesBefore, { a: "then" });
    global.add(zone("b"));
    const second = await recordOf(plan([]), clientOf(global), "z", first);
    assert.deepEqual(second.zonesBefore, { a: "then" });
  });

  it("counts zones that are switched side by side with it, and were carried before, as there before", async () => {
    const brought = await recordOf(plan([]), clientOf(global), "z", undefined, ["w"]);
    assert.deepEqual(brought.zonesBefore, { w: "any" });
    global.add(zone("w", "then"));
    const reasons = async () =>
      (await removeFromGlobal(clientOf(global), "z", { ...brought, added: manifestOf([license]) })).left;
    assert.deepEqual(await reasons(), []);
    global.add(license, zone("x", "later"));
    assert.match((await reasons())[0].reason, /^zone x came later/);
  });
});
