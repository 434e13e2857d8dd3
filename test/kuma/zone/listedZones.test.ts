import * as assert from "node:assert/strict";
import { ControlPlane, forgetZone, removeZone, zoneNames, zonesOn } from "../../../kuma";
import { cleanUp } from "../../support/cleanUp";
import { passDeadline } from "../../support/clock";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { kumaErrorOf } from "../../support/errors";

describe("kuma/zone/zone: what a global lists", () => {
  let fake: FakeControlPlane;
  beforeEach(async () => (fake = await FakeControlPlane.start()));
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

  it("tries again while the zone still counts as connected", async () => {
    fake.add({ type: "Zone", name: "zone-1" });
    fake.fail("DELETE /zones/zone-1", { status: 400, body: '{"title": "Zone CP is still connected"}' });
    await removeZone(clientOf(fake), "zone-1");
    assert.deepEqual(fake.asked, ["DELETE /zones/zone-1", "DELETE /zones/zone-1"]);
    assert.equal(fake.store.size, 0);
  });

  it("takes a zone that is not there as removed", () => removeZone(clientOf(fake), "zone-1"));

  it("fails with what the global says when the zone stays connected", async () => {
    fake.add({ type: "Zone", name: "zone-1" });
    fake.fail("DELETE /zones/zone-1", { status: 400, body: '{"title": "Zone CP is still connected"}' }, 99);
    const work = kumaErrorOf(removeZone(clientOf(fake), "zone-1"));
    await passDeadline(fake, 31_000);
    const { code, message } = await work;
    assert.equal(code, "refused");
    assert.match(message, /refuses Zone zone-1 with status 400 \(Zone CP is still connected\)/);
    assert.match(
      message,
      /^The global control plane still takes zone zone-1 for connected .* Then run it again\.$/,
    );
  });

  it("leaves a zone in Konnect's list that cannot be deleted there, and in no other", async () => {
    const hosted = await FakeControlPlane.start({ basePath: "/v1/mesh/control-planes/c-1/api" });
    hosted.fail("DELETE ", { status: 405, body: "{}" }, 9);
    await removeZone(clientOf(hosted), "zone-1");
    assert.equal(hosted.requests.length, 1);
    // what is refused for another reason is tried again there as well
    const other = await FakeControlPlane.start({ basePath: "/v1/mesh/control-planes/c-1/api" });
    other.fail("DELETE ", { status: 400, body: "{}" });
    await removeZone(clientOf(other), "zone-1");
    assert.equal(other.requests.length, 2);
    fake.fail("DELETE ", { status: 405, body: "{}" });
    await removeZone(clientOf(fake), "zone-1");
    assert.equal(fake.requests.length, 2);
  });

  it("does not go on when the token is refused", async () => {
    fake.fail("DELETE ", { status: 403, body: "" }, 9);
    assert.equal((await kumaErrorOf(removeZone(clientOf(fake), "zone-1"))).code, "forbidden");
    assert.equal(fake.requests.length, 1);
  });

  describe("of a global that is away", () => {
    const global = () => new ControlPlane({ title: "the global", url: "http://127.0.0.1:1", attempts: 1 });

    it("says what is left to do, and how", async () => {
      const { code, message } = await kumaErrorOf(forgetZone({ global: global(), zoneName: "zone-1" }));
      assert.equal(code, "unreachable");
      assert.match(message, /^The global control plane still lists zone zone-1, .*up starts one of/);
    });

    it("is over where the global goes in the same run", () =>
      forgetZone({ global: global(), zoneName: "zone-1" }, true));

    it("does not hide what a global that is there says", async () => {
      fake.fail("DELETE ", { status: 403, body: "" }, 9);
      const sides = { global: clientOf(fake), zoneName: "zone-1" };
      assert.equal((await kumaErrorOf(forgetZone(sides, true))).code, "forbidden");
    });
  });

  it("zonesOn tells when each has joined, as far as that is told", async () => {
    fake.add({ type: "Zone", name: "b", creationTime: "2026-01-01T00:00:00Z" }, { type: "Zone", name: "a" });
    assert.deepEqual(await zonesOn(clientOf(fake)), { b: "2026-01-01T00:00:00Z", a: "" });
  });

  it("zoneNames lists the zones that have joined", async () => {
    fake.add({ type: "Zone", name: "b" }, { type: "Zone", name: "a" }, { type: "Mesh", name: "m" });
    assert.deepEqual(await zoneNames(clientOf(fake)), ["b", "a"]);
  });
});
