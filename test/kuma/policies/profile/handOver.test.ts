import * as assert from "node:assert/strict";
import { mock } from "node:test";
import { Resource, manifestOf, sameContent } from "../../../../kuma";
import { kumaErrorOf } from "../../../support/errors";
import { SeenRequest, stopFakes } from "../../../support/controlPlane/fakeControlPlane";
import { inZone } from "../../../support/controlPlane/fakeKds";
import { AT_ONCE, TwoSides, naming, route, timeout } from "./twoSides";

const other = (name: string) => timeout(name, { spec: { other: true } });
const A = "MeshTimeout default/a";
const B = "MeshTimeout default/b";

describe("kuma/policies/profile/handOver", () => {
  let two: TwoSides;
  beforeEach(async () => (two = await TwoSides.start()));
  afterEach(async () => {
    mock.timers.reset();
    await stopFakes();
  });

  const isRead = ({ method, path }: SeenRequest) => method === "GET" && path.startsWith("/meshtimeouts");
  /** Does something just before the read of timeouts of that number is answered. */
  const beforeRead = (side: "zone" | "global", which: number, change: () => void) => {
    let reads = 0;
    two[side].fail((request) => {
      if (isRead(request) && ++reads === which) change();
      return false;
    }, {});
  };

  it("does as it is told where the global has other content, and compares the copies with that", async () => {
    two.zone.add(inZone(timeout("a")));
    two.global.add(other("a"));
    two.kds.everything();
    const { handedOver } = await two.plan("keepGlobal");
    const handed = await two.move(handedOver, {}, { onConflict: "keepGlobal" });
    assert.deepEqual(handed, manifestOf([other("a")]));
    assert.deepEqual(two.own, []);
    assert.deepEqual(two.global.writes, []);
  });

  it("stops before anything is written where the global has other content, and nothing was chosen", async () => {
    two.zone.add(inZone(timeout("a")));
    two.global.add(other("a"));
    assert.equal((await kumaErrorOf(two.move([timeout("a")]))).code, "conflict");
    assert.deepEqual(two.writes, []);
  });

  it("does not take for news what came back as it was, and retires it again whatever the global has by now", async () => {
    const known = manifestOf([timeout("a")]);
    two.zone.add(inZone(timeout("a")));
    two.global.add(timeout("a", { spec: { changedSince: true } }));
    two.kds.everything();
    assert.deepEqual((await two.plan("fail", known)).planned, []);
    await two.move([timeout("a")], known);
    assert.deepEqual(two.own, []);
    assert.deepEqual(two.global.writes, []);
  });

  it("reads the zone once, and deletes nothing, where the zone has none of its own any more", async () => {
    two.global.add(timeout("a"));
    const known = manifestOf([timeout("a")]);
    assert.deepEqual(await two.move([timeout("a")], known), known);
    assert.equal(two.zone.requests.filter(isRead).length, 1);
    assert.deepEqual(two.writes, []);
  });

  it("deletes nothing in a zone to which no copy comes", async () => {
    two.zone.add(inZone(timeout("a")));
    const late = two.move([timeout("a")], {}, {}, { deadlineMs: 50, intervalMs: 10 });
    assert.deepEqual(await kumaErrorOf(late), {
      code: "gate",
      message:
        `Zone zone-1 does not hold the global's copy of ${A} after 0.05 s. Nothing was deleted in the zone. ` +
        "Is the zone connected (kumactl inspect zones)? Run it again once it is: it goes on from what is there.",
    });
    assert.deepEqual(two.zone.writes, []);
  });

  it("deletes nothing in a zone whose copy is older than what the global has", async () => {
    two.zone.add(inZone(timeout("a")));
    two.global.add(other("a"));
    two.kds.everything();
    two.kds.run(() => 0);
    const work = two.move([timeout("a")], {}, { onConflict: "overwrite" }, AT_ONCE);
    assert.match(
      (await kumaErrorOf(work)).message,
      /^Zone zone-1 does not hold the global's copy of \S+ \S+\. /,
    );
    assert.deepEqual(two.zone.writes, []);
  });

  it("deletes nothing in the zone that was changed there while it was handed over", async () => {
    two.zone.add(inZone(other("a")));
    two.global.add(timeout("a"));
    two.kds.everything();
    assert.deepEqual(await kumaErrorOf(two.move([timeout("a")], {}, { onDrift: "report" })), {
      code: "gate",
      message:
        `Zone zone-1 keeps its policies, as these were changed in it while they were handed over: ${A}. ` +
        "Nothing was deleted. Run it again: it goes on with what is there then.",
    });
    assert.deepEqual(two.zone.writes, []);
  });

  it("deletes nothing in the zone where the global refuses one of them, and names that", async () => {
    two.zone.add(inZone(timeout("a")));
    two.global.fail("PUT /", { status: 400, body: '{"title": "Resource is not valid"}' });
    const { code, message } = await kumaErrorOf(two.move([timeout("a")]));
    assert.equal(code, "refused");
    assert.match(
      message,
      /^0 of 1 resources were written .*; zone zone-1 keeps its policies\. .* refuses Mesh/,
    );
    assert.deepEqual(two.zone.writes, []);
  });

  it("deletes nothing in the zone where the global does not hold what was written, as it was written", async () => {
    two.zone.add(inZone(timeout("a")), inZone(timeout("b")));
    two.kds.everything();
    // one is taken and not kept, the other is changed by somebody just then
    two.global.fail(({ method, path }) => method === "PUT" && path.endsWith("/a"), { status: 200 });
    mock.timers.enable({ apis: ["Date"], now: Date.now() });
    beforeRead("global", 2, () => {
      two.global.add(other("b"));
      mock.timers.tick(10_000);
    });
    assert.deepEqual(await kumaErrorOf(two.move([timeout("a"), timeout("b")])), {
      code: "gate",
      message:
        `Zone zone-1 keeps its policies, as the global does not hold these as they were written: ${A}, ${B}. ` +
        "Is someone else changing them? Run it again.",
    });
    assert.deepEqual(two.zone.writes, []);
  });

  it("deletes nothing in the zone where somebody deletes it on the global meanwhile", async () => {
    two.zone.add(inZone(timeout("a")));
    two.global.add(timeout("a"));
    two.kds.everything();
    beforeRead("global", 2, () => two.global.store.delete(A));
    assert.deepEqual(await kumaErrorOf(two.move([timeout("a")], manifestOf([timeout("a")]))), {
      code: "gate",
      message:
        `The global does not hold what is to be retired in the zone, so nothing was deleted there: ${A}. ` +
        "Is someone deleting them? Run it again: it goes on from what is there.",
    });
    assert.deepEqual(two.zone.writes, []);
  });

  it("says what is where, if the copies go while the zone's own are deleted, and once they are back has nothing to do", async () => {
    two.zone.add(inZone(timeout("a")), inZone(timeout("b")));
    two.global.add(timeout("a"), timeout("b"));
    two.kds.everything();
    // somebody deletes one on the global just then, and KDS takes its copy away
    two.zone.fail(
      ({ method, path }) => method === "DELETE" && path.endsWith("/b") && two.global.store.delete(A),
      {},
    );
    const policies = [timeout("a"), timeout("b")];
    assert.deepEqual(await kumaErrorOf(two.move(policies)), {
      code: "gate",
      message:
        `Zone zone-1 does not hold the global's copy of ${A}. The global had it when the zone's own was deleted, and the state keeps a copy. ` +
        "Is the zone connected (kumactl inspect zones)? Run it again once it is: it goes on from what is there.",
    });
    assert.deepEqual(two.own, []);
    two.global.add(timeout("a"));
    two.kds.everything();
    assert.deepEqual(await two.move(policies), manifestOf(policies));
  });

  it("goes on where somebody else deletes the zone's own meanwhile", async () => {
    two.zone.add(inZone(timeout("a")));
    two.kds.everything();
    // to see what there is, and that the copy is there; then it is compared with what was recorded
    beforeRead("zone", 3, () => two.zone.store.delete(A));
    assert.deepEqual(await two.move([timeout("a")]), manifestOf([timeout("a")]));
  });

  it("deletes a policy before those that it names", async () => {
    const policies: Resource[] = [route("r"), naming("on-route", ["MeshHTTPRoute", "r"])];
    two.zone.add(...policies.map((each) => inZone(each)));
    two.kds.everything();
    await two.move(policies);
    assert.deepEqual(two.zone.writes, [
      "DELETE /meshes/default/meshhttproutes/r",
      "DELETE /meshes/default/meshtimeouts/on-route",
    ]);
  });

  describe("what was handed over, and is not as it was on the global", () => {
    const handed = manifestOf([timeout("a")]);

    it("is put back where it was deleted, unless that is accepted", async () => {
      two.kds.everything();
      await two.move([timeout("a")], handed, { isAccepted: (key: string) => key === A });
      assert.deepEqual(two.writes, []);
      assert.deepEqual(await two.move([timeout("a")], handed), handed);
      assert.deepEqual([...two.global.store.keys()], [A]);
    });

    it("stays in the zone where it was deleted on the global, and the stack only reports that", async () => {
      two.zone.add(inZone(timeout("a")));
      await two.move([timeout("a")], handed, { onDrift: "report" });
      assert.deepEqual(two.writes, []);
    });

    it("is left as it is where it was changed, unless the stack repairs that", async () => {
      two.global.add(other("a"), other("b"));
      two.kds.everything();
      assert.deepEqual(await two.move([timeout("a")], handed), handed);
      assert.deepEqual(two.writes, []);
      assert.deepEqual(await two.move([timeout("a")], handed, { onDrift: "repair" }), handed);
      assert.deepEqual(two.writes, ["PUT /meshes/default/meshtimeouts/a"]);
      assert.ok(sameContent(two.global.store.get(A) ?? assert.fail(), timeout("a")));
    });

    it("does not decide what else is there, when it is repaired", async () => {
      two.global.add(other("a"), other("b"));
      const work = two.move([timeout("a"), timeout("b")], handed, { onDrift: "repair" });
      assert.match(
        (await kumaErrorOf(work)).message,
        /nothing was written: 1 of them .*MeshTimeout default\/b/s,
      );
      assert.deepEqual(two.writes, []);
    });
  });
});
