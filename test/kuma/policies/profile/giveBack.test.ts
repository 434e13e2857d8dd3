import * as assert from "node:assert/strict";
import { keyOf, sameContent } from "../../../../kuma";
import { kumaErrorOf } from "../../../support/errors";
import { stopFakes } from "../../../support/controlPlane/fakeControlPlane";
import { inZone } from "../../../support/controlPlane/fakeKds";
import { AT_ONCE, TwoSides, naming, route, timeout, zoneConfig } from "./twoSides";

const A = "MeshTimeout default/a";
const B = "MeshTimeout default/b";
const other = (name: string) => timeout(name, { spec: { other: true } });

describe("kuma/policies/profile/giveBack", () => {
  let two: TwoSides;
  beforeEach(async () => (two = await TwoSides.start()));
  afterEach(stopFakes);

  /** All that the global has is in the zone, and some changes follow with each request. */
  const connected = () => {
    two.kds.everything();
    two.kds.run(() => 3);
  };
  const added = [A];

  it("puts back what was handed over, and takes from the global what was added for this zone", async () => {
    two.global.add(timeout("a"), timeout("b"));
    connected();
    assert.deepEqual(await two.back([timeout("a"), timeout("b")], { added }), {
      returned: [A, B],
      changed: [],
      left: [],
      strange: [],
    });
    assert.deepEqual([...two.global.store.keys()], [B]);
    assert.equal(two.own.length, 2);
  });

  it("gives back what was changed on the global as it is there now", async () => {
    two.global.add(other("a"));
    connected();
    const { returned, changed } = await two.back([timeout("a")], { added });
    assert.deepEqual([returned, changed], [[A], [A]]);
    assert.ok(sameContent(two.own[0], other("a")));
    assert.equal(two.own[0].name, "a");
    assert.equal(two.global.store.size, 0);
  });

  it("gives back as the zone had it what the global had before, whatever it has now", async () => {
    two.global.add(other("a"));
    connected();
    const { changed } = await two.back([timeout("a")]);
    assert.deepEqual(changed, []);
    assert.ok(sameContent(two.own[0], timeout("a")));
  });

  it("writes nothing over what the zone has already", async () => {
    two.zone.add(inZone(other("a")));
    const { returned } = await two.back([timeout("a"), timeout("b")]);
    assert.deepEqual(returned, [B]);
    assert.deepEqual(two.zone.writes, ["PUT /meshes/default/meshtimeouts/b"]);
  });

  it("puts back what a policy names after that policy", async () => {
    await two.back([route("r"), naming("on-route", ["MeshHTTPRoute", "r"])]);
    assert.deepEqual(two.zone.writes, [
      "PUT /meshes/default/meshtimeouts/on-route",
      "PUT /meshes/default/meshhttproutes/r",
    ]);
  });

  it("deletes nothing on the global where the zone does not hold what was given back", async () => {
    two.global.add(timeout("a"));
    connected();
    two.zone.fail("PUT /", { status: 200 });
    assert.deepEqual(await kumaErrorOf(two.back([timeout("a")], { added }, AT_ONCE)), {
      code: "gate",
      message:
        `Zone zone-1 does not hold what was given back to it: ${A}. ` +
        "The global still has all of it, so nothing is lost. Run it again.",
    });
    assert.deepEqual(two.global.writes, []);
  });

  it("says so where copies stay in the zone of what was deleted on the global", async () => {
    two.global.add(timeout("a"), timeout("b"));
    two.kds.everything();
    two.kds.run(() => 0);
    const work = two.back([timeout("a"), timeout("b")], { added }, { deadlineMs: 20, intervalMs: 5 });
    assert.deepEqual(await kumaErrorOf(work), {
      code: "gate",
      message:
        `Zone zone-1 has its policies back, and the global's were deleted, but the zone still holds copies of ${A} after 0.02 s. ` +
        "They are identical to the zone's own. Is the zone connected (kumactl inspect zones)? Run it again once it is.",
    });
    assert.deepEqual(two.global.writes, ["DELETE /meshes/default/meshtimeouts/a"]);
  });

  it("waits for no copies to go in a zone that runs alone by now", async () => {
    two.global.add(timeout("a"));
    two.kds.everything();
    two.kds.run(() => 0);
    two.zone.config = zoneConfig("");
    const { returned } = await two.back([timeout("a")], { added }, AT_ONCE);
    assert.deepEqual(returned, [A]);
  });

  it("does nothing where all is back already, and does not ask how the zone is connected then", async () => {
    two.zone.add(inZone(timeout("a")));
    const back = await two.back([timeout("a")], { added });
    assert.deepEqual(back, { returned: [], changed: [], left: [], strange: [] });
    assert.deepEqual(two.writes, []);
    assert.ok(!two.zone.asked.includes("GET /config"));
  });

  it("leaves on the global what other zones rely on, and what was there before", async () => {
    two.global.add(timeout("a"), timeout("b"));
    connected();
    const policies = [timeout("a"), timeout("b")];
    const { left, strange } = await two.back(policies, { added, leaveOnGlobal: true });
    assert.deepEqual([left, strange], [added, []]);
    assert.equal(two.global.store.size, 2);
    assert.equal(two.own.length, 2);
    await two.back(policies, { added });
    assert.deepEqual([...two.global.store.keys()], [B]);
  });

  it("takes from the global what is there as it was written, whatever the zone has by now", async () => {
    two.global.add(timeout("a"));
    two.zone.add(inZone(other("a")), inZone(timeout("written-since")));
    connected();
    const { strange } = await two.back([timeout("a")], { added });
    assert.deepEqual(strange, []);
    assert.deepEqual([...two.global.store.keys()], []);
  });

  it("leaves on the global what is neither as it was written there nor as the zone has it, and what is a zone's", async () => {
    two.global.add(timeout("a", { spec: { of: "somebody" } }), timeout("c"), timeout("of-no-zone"));
    two.global.add(timeout("b", { labels: { "kuma.io/origin": "zone", "kuma.io/zone": "zone-2" } }));
    const policies = [timeout("a"), timeout("b"), timeout("c")];
    two.zone.add(...policies.map((each) => inZone(each)));
    const all = [...policies, timeout("of-no-zone")].map(keyOf);
    const { strange } = await two.back(policies, { added: all });
    assert.deepEqual(strange, [A, B, "MeshTimeout default/of-no-zone"]);
    assert.deepEqual(two.global.writes, ["DELETE /meshes/default/meshtimeouts/c"]);
  });
});
