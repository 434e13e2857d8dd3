import * as assert from "node:assert/strict";
import {
  OnConflict,
  Resource,
  assertCarried,
  asEarlier,
  carryOver,
  digest,
  Facts,
  keyOf,
  planZone,
  restoreOnGlobal,
  surveyZone,
} from "../../../kuma";
import { cleanUp } from "../../support/cleanUp";
import { passDeadline } from "../../support/clock";
import { kumaErrorOf } from "../../support/errors";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";

const mesh: Resource = { type: "Mesh", name: "m", skipCreatingInitialPolicies: ["*"] };
const route = (conf: number, name = "r"): Resource => ({ type: "TrafficRoute", mesh: "m", name, conf });
const ADDRESS = "grpcs://g:5685";
const zoneConfig = (globalAddress = "") => ({
  mode: "zone",
  environment: "universal",
  multizone: { zone: { name: "zone-1", globalAddress } },
});

describe("kuma/federation/federate", () => {
  let zone: FakeControlPlane;
  let global: FakeControlPlane;
  beforeEach(async () => {
    zone = await FakeControlPlane.start({
      clusterId: "z",
      config: zoneConfig(),
      resources: [mesh, route(1)],
    });
    global = await FakeControlPlane.start({ clusterId: "g" });
  });
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });
  const federation = (more: object = {}) => ({
    ...{ zoneName: "zone-1", kdsAddress: ADDRESS, onConflict: "fail" as OnConflict },
    ...{ zone: clientOf(zone, { title: "the zone" }), global: clientOf(global, { title: "the global" }) },
    ...more,
  });

  it("fails when the global takes what is written and does not hold it", async () => {
    const here = federation();
    const prospect = (await planZone(here)) ?? assert.fail();
    global.store.set = () => global.store;
    global.requests.length = 0;
    const work = kumaErrorOf(carryOver(prospect, here));
    await passDeadline(global, 11_000);
    const { code, message } = await work;
    assert.equal(code, "gate");
    assert.match(message, /Mesh m is missing/);
    assert.match(message, /TrafficRoute m\/r is missing/);
  });

  it("offers the zone's admin token to the global, which accepts that one once it has the zone's keys", async () => {
    zone.add({
      type: "GlobalSecret",
      name: "admin-user-token",
      data: Buffer.from("canary-token").toString("base64"),
    });
    const here = federation({ onConflict: "overwrite" });
    const prospect = (await planZone(here)) ?? assert.fail();
    // the handler that carries opens the global anew
    const later = federation({ onConflict: "overwrite" });
    await carryOver(prospect, later);
    assert.deepEqual(later.global.tokensAtHand, ["canary-token"]);
    const none = federation();
    zone.store.delete("GlobalSecret admin-user-token");
    await carryOver((await planZone(none)) ?? assert.fail(), none);
    assert.deepEqual(none.global.tokensAtHand, []);
  });

  describe("a zone that has joined", () => {
    beforeEach(() => (zone.config = zoneConfig(ADDRESS)));

    it("is not surveyed, by its address of today or the one before", async () => {
      assert.equal(await surveyZone(federation()), undefined);
      assert.equal(
        await surveyZone(federation({ kdsAddress: "grpcs://new:5685", formerKdsAddress: ADDRESS })),
        undefined,
      );
      assert.equal(await surveyZone(federation({ kdsAddress: undefined })), undefined);
    });

    it("is refused where it belongs to another global", async () => {
      const other = federation({ kdsAddress: "grpcs://other:5685" });
      const survey = await surveyZone(other).catch((error: Error) => error);
      assert.ok(
        survey instanceof Error ? /federated already, with grpcs/.test(survey.message) : survey !== undefined,
      );
    });
  });

  it("tells zones that join later what it brings and keeps, and that it could not be looked at", async () => {
    zone.add({
      type: "MeshTimeout",
      mesh: "m",
      name: "t",
      spec: {},
      labels: { "kuma.io/origin": "zone", "kuma.io/zone": "zone-1" },
    });
    const { zoneName, plan, kept } = await asEarlier(new Facts(federation()));
    assert.deepEqual(
      [zoneName, plan?.resources.map(({ key }) => key), kept.map(keyOf)],
      ["zone-1", ["Mesh m", "TrafficRoute m/r"], ["MeshTimeout m/t"]],
    );
    zone.fail("GET ", { status: 403 }, 99);
    assert.deepEqual(await asEarlier(new Facts(federation())), {
      zoneName: "zone-1",
      plan: undefined,
      kept: [],
    });
    const broken = {
      zoneName: "z",
      plan: () => Promise.reject(new TypeError("a fault")),
    } as unknown as Facts;
    await assert.rejects(asEarlier(broken), TypeError);
  });

  describe("restoreOnGlobal", () => {
    const originals = [{ type: "Mesh", name: "m" }, route(1), route(1, "changed"), route(1, "left")];

    it("writes again what is named, as it was carried, and nothing else", async () => {
      global.add(mesh, route(2, "changed"), route(2, "left"), route(9, "others"));
      const keys = ["Mesh m", "TrafficRoute m/r", "TrafficRoute m/changed"];
      const result = await restoreOnGlobal(clientOf(global), { originals, kept: [] }, keys, "zone-1");
      assert.deepEqual(global.writes.sort(), [
        "PUT /meshes/m",
        "PUT /meshes/m/traffic-routes/changed",
        "PUT /meshes/m/traffic-routes/r",
      ]);
      assert.deepEqual(global.store.get("Mesh m")?.skipCreatingInitialPolicies, ["*"]);
      assert.deepEqual(
        [...global.store.values()].map(({ conf }) => conf),
        [undefined, 1, 2, 9, 1],
      );
      assert.deepEqual(
        [result.created, result.updated.sort()],
        [["TrafficRoute m/r"], ["Mesh m", "TrafficRoute m/changed"]],
      );
    });

    it("fails when it is not there afterwards", async () => {
      global.add(mesh);
      global.store.set = () => global.store;
      const work = kumaErrorOf(
        restoreOnGlobal(clientOf(global), { originals, kept: [] }, ["TrafficRoute m/r"], "zone-1"),
      );
      await passDeadline(global, 11_000);
      const { code, message } = await work;
      assert.equal(code, "gate");
      assert.match(message, /TrafficRoute m\/r is missing/);
    });
  });

  describe("assertCarried", () => {
    const look = (carried: Resource[], onConflict: OnConflict = "fail", kept: Resource[] = []) =>
      assertCarried({ carried, kept }, clientOf(global), "zone-1", onConflict);

    it("takes what is there with the same content, or left with another by the stack's word", async () => {
      global.add(mesh, route(1), route(2, "other"));
      await look([mesh, route(1)]);
      await look([route(1, "other")], "keepGlobal");
      assert.deepEqual(global.writes, []);
    });

    it("fails over what is missing or has other content", async () => {
      global.add(mesh, route(2));
      for (const onConflict of ["fail", "overwrite"] as const) {
        const { code, message } = await kumaErrorOf(look([mesh, route(1), route(1, "gone")], onConflict));
        assert.equal(code, "gate");
        assert.match(message, /TrafficRoute m\/gone is missing/);
        assert.match(message, /TrafficRoute m\/r differs/);
        assert.doesNotMatch(message, /Mesh m /);
      }
    });

    it("fails over the key of an identity that differs, whatever is chosen for everything", async () => {
      const identity: Resource = { type: "MeshIdentity", mesh: "m", name: "id", spec: {} };
      const key = (data: string): Resource => ({ type: "Secret", mesh: "m", name: "id-private-key", data });
      global.add(mesh, key("eA=="));
      await look([mesh, key("eQ==")], "keepGlobal");
      const told = async (kept: Resource[]) =>
        (await kumaErrorOf(look([mesh, key("eQ==")], "keepGlobal", kept))).message;
      assert.match(await told([identity]), /Secret m\/id-private-key differs/);
      global.add(identity);
      assert.match(await told([]), /Secret m\/id-private-key differs/);
    });

    it("takes no secret for one that the global made for itself", async () => {
      const key = (data: string): Resource => ({
        type: "GlobalSecret",
        name: "user-token-signing-key-1",
        data,
      });
      global.add(key("eA=="));
      assert.match(
        (await kumaErrorOf(look([key("eQ==")]))).message,
        /GlobalSecret user-token-signing-key-1 differs/,
      );
      await look([key("eA==")]);
      assert.equal(digest(key("eA==")), digest({ ...key("eA==") }));
    });
  });
});
