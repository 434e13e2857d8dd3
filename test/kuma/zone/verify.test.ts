import * as assert from "node:assert/strict";
import { Manifest, Resource, countResources, manifestOf, untilVerified, verifyZone } from "../../../kuma";
import { cleanUp } from "../../support/cleanUp";
import { passDeadline } from "../../support/clock";
import { kumaErrorOf } from "../../support/errors";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";

const mesh: Resource = { type: "Mesh", name: "default", skipCreatingInitialPolicies: ["*"] };
const secret: Resource = { type: "Secret", mesh: "default", name: "ca", data: "eA==" };
const route: Resource = { type: "TrafficRoute", mesh: "default", name: "route-all", conf: { a: 1 } };
const signingKey: Resource = { type: "GlobalSecret", name: "user-token-signing-key-1", data: "eQ==" };
const CARRIED = [mesh, secret, route, signingKey];

/** As it stands in the zone when it came from the global: with a hash. */
const fromGlobal = (resource: Resource): Resource => ({
  ...resource,
  name: `${resource.name}-hash`,
  labels: { "kuma.io/origin": "global", "kuma.io/display-name": resource.name },
});
const ofZone = (type: string, name: string, fields: object = {}): Resource => ({
  type,
  mesh: "default",
  name,
  labels: { "kuma.io/origin": "zone", "kuma.io/zone": "zone-1" },
  ...fields,
});
/** As it stands on the global when it came from the zone. */
const copyOf = (resource: Resource): Resource => ({
  ...resource,
  name: `${resource.name}-hash`,
  labels: { ...resource.labels, "kuma.io/display-name": resource.name },
});
const timeout = ofZone("MeshTimeout", "t", { spec: { a: 1 } });
const dataplane = ofZone("Dataplane", "d", { networking: { address: "1" } });

const onlineOverview = (stat: object = {}) => ({
  zoneInsight: {
    subscriptions: [
      { id: "s", connectTime: "now", status: { stat }, version: { kumaCp: { version: "2.14.3" } } },
    ],
  },
});

describe("kuma/zone/verify", () => {
  let global: FakeControlPlane;
  let zone: FakeControlPlane;
  beforeEach(async () => {
    const meshInZone = { ...mesh, labels: { "kuma.io/origin": "global" } };
    global = await FakeControlPlane.start({ resources: [...CARRIED, copyOf(timeout), copyOf(dataplane)] });
    global.overviews.set("zone-1", [onlineOverview()]);
    zone = await FakeControlPlane.start({
      // the zone's secret is the one that it always had: without an origin
      resources: [meshInZone, secret, fromGlobal(route), timeout, dataplane],
    });
  });
  afterEach(stopFakes);

  const verify = async (manifest: Manifest = manifestOf(CARRIED), options = {}) => {
    const there = clientOf(zone, { title: "the zone", ...options });
    const { counted, ...told } = await verifyZone(
      { zone: there, global: clientOf(global), zoneName: "zone-1" },
      manifest,
    );
    return { ...told, resources: countResources(counted) };
  };
  const remove = (fake: FakeControlPlane, key: string) => assert.ok(fake.store.delete(key), key);

  it("finds nothing wrong when both sides are equal, and writes nothing", async () => {
    assert.deepEqual(await verify(), {
      zone: { name: "zone-1", online: true, globalToZone: true, zoneToGlobal: true, version: "2.14.3" },
      resources: [
        { type: "Dataplane", mesh: "default", expected: 1, present: 1, different: 0 },
        { type: "GlobalSecret", mesh: undefined, expected: 1, present: 1, different: 0 },
        { type: "Mesh", mesh: undefined, expected: 1, present: 1, different: 0 },
        { type: "MeshTimeout", mesh: "default", expected: 1, present: 1, different: 0 },
        { type: "Secret", mesh: "default", expected: 1, present: 1, different: 0 },
        { type: "TrafficRoute", mesh: "default", expected: 1, present: 1, different: 0 },
      ],
      problems: [],
      inconclusive: [],
    });
    assert.deepEqual([...global.writes, ...zone.writes], []);
  });

  it("knows a secret by its name, whatever the labels say that it has on Universal", async () => {
    const labels = { "k8s.kuma.io/namespace": "store", "kuma.io/display-name": "otherwise" };
    global.add({ ...secret, labels });
    zone.add({ ...secret, labels: { ...labels, "kuma.io/origin": "zone", "kuma.io/zone": "zone-1" } });
    assert.deepEqual((await verify(manifestOf([mesh, route, signingKey]))).problems, []);
  });

  it("tells of what was carried and is kept from KDS on the global", async () => {
    const held: Resource = { ...route, name: "held", labels: { "kuma.io/kds-sync": "disabled" } };
    global.add(held, { ...held, name: "not-carried" });
    const { problems } = await verify(manifestOf([...CARRIED, held]));
    assert.deepEqual(problems, [
      "Carried to the global, which does not send it to its zones because of its label kuma.io/kds-sync: TrafficRoute default/held.",
    ]);
  });

  it("tells of a zone whose resources the global gives to no other zone", async () => {
    global.overviews.set("zone-1", [{ zone: { enabled: false }, ...onlineOverview() }]);
    assert.equal((await verify()).zone.disabled, true);
    global.overviews.set("zone-1", [{ zone: { enabled: true }, ...onlineOverview() }]);
    assert.ok(!("disabled" in (await verify()).zone));
  });

  it("does not look in the zone for what the global never sends", async () => {
    global.add({ type: "Novelty", mesh: "default", name: "x" });
    global.types = [
      ...global.types,
      { ...global.types[0], name: "Novelty", path: "novelties", includeInFederation: false },
    ];
    assert.deepEqual((await verify()).problems, []);
  });

  it("counts one resource of one zone once, and with it what differs", () => {
    const one = { type: "Mesh", name: "m", present: true, different: true };
    const owned = { type: "MeshTimeout", mesh: "m", name: "t", present: true, different: false };
    assert.deepEqual(
      countResources([
        one,
        { ...one, different: false },
        { ...owned, owner: "a" },
        { ...owned, owner: "b" },
        { ...owned, mesh: "n" },
      ]),
      [
        { type: "Mesh", mesh: undefined, expected: 1, present: 1, different: 1 },
        { type: "MeshTimeout", mesh: "m", expected: 2, present: 2, different: 0 },
        { type: "MeshTimeout", mesh: "n", expected: 1, present: 1, different: 0 },
      ],
    );
  });

  describe("untilVerified", () => {
    afterEach(cleanUp);
    const wait = () =>
      untilVerified(
        { zone: clientOf(zone), global: clientOf(global), zoneName: "zone-1" },
        manifestOf(CARRIED),
      );

    it("ends once both sides are equal", async () => {
      global.overviews.set("zone-1", [{ zoneInsight: { subscriptions: [] } }, onlineOverview()]);
      await wait();
      assert.equal(global.asked.filter((line) => line.endsWith("_overview")).length, 2);
    });

    it("fails with all that is not, and what could not be looked at", async () => {
      remove(global, "TrafficRoute default/route-all");
      zone.fail("GET ", { status: 403, body: "" }, 999);
      const work = kumaErrorOf(wait());
      await passDeadline(zone, 61_000);
      const { code, message } = await work;
      assert.equal(code, "gate");
      assert.match(
        message,
        /^Zone zone-1 is connected, but after 60 s the two sides are not equal yet\. Carried to the global and missing there: TrafficRoute default\/route-all\. Zone zone-1 could not be compared with the global\. .* Nothing is lost: the state keeps a copy of what the zone held\. The logs of both control planes tell why; run it again once that is fixed\.$/,
      );
    });
  });

  it("says that the global has never heard of the zone", async () => {
    global.overviews.clear();
    const { zone: report, problems } = await verify();
    assert.deepEqual(problems, ["The global has no zone zone-1: it has never connected."]);
    assert.equal(report.online, false);
  });

  it("says that the zone is offline", async () => {
    global.overviews.set("zone-1", [{ zoneInsight: { subscriptions: [] } }]);
    assert.deepEqual((await verify()).problems, ["Zone zone-1 is offline."]);
  });

  it("tells rejections, but for those that a first connection always has", async () => {
    const rejected = { responsesRejected: "1" };
    global.overviews.set("zone-1", [
      onlineOverview({ Config: rejected, Secret: rejected, GlobalSecret: rejected }),
    ]);
    assert.deepEqual((await verify()).problems, []);
    global.overviews.set("zone-1", [
      onlineOverview({ Mesh: rejected, Config: rejected, TrafficRoute: rejected }),
    ]);
    assert.deepEqual((await verify()).problems, [
      "Zone zone-1 refuses what the global sends of Mesh, TrafficRoute.",
    ]);
  });

  it("names what was carried and is gone", async () => {
    remove(global, "Secret default/ca");
    const { problems, resources } = await verify();
    assert.deepEqual(problems, ["Carried to the global and missing there: Secret default/ca."]);
    assert.deepEqual(
      resources.find(({ type }) => type === "Secret"),
      { type: "Secret", mesh: "default", expected: 1, present: 0, different: 0 },
    );
  });

  it("counts what was carried and has changed since on both sides, without calling it a problem", async () => {
    global.add({ ...route, conf: { a: 2 } });
    zone.add(fromGlobal({ ...route, conf: { a: 2 } }));
    const { problems, resources } = await verify();
    assert.deepEqual(problems, []);
    assert.equal(resources.find(({ type }) => type === "TrafficRoute")?.different, 1);
  });

  it("names what the global has and the zone has not, or not alike", async () => {
    remove(zone, "TrafficRoute default/route-all-hash");
    zone.add({ ...secret, data: "eg==" });
    const { problems, zone: report } = await verify();
    assert.deepEqual(problems, [
      "On the global, but missing or different in zone zone-1: Secret default/ca, TrafficRoute default/route-all. The zone had Secret default/ca before it joined and takes no other as long as it has that: deleted in the zone, the global's comes.",
    ]);
    assert.deepEqual([report.globalToZone, report.zoneToGlobal], [false, true]);
  });

  it("does not take the zone's own resource of that name for the global's", async () => {
    remove(zone, "TrafficRoute default/route-all-hash");
    zone.add(ofZone("TrafficRoute", "route-all", { conf: { a: 1 } }));
    assert.equal((await verify()).zone.globalToZone, false);
  });

  it("expects no resource in the zone that a global keeps to itself", async () => {
    global.add(
      { type: "GlobalSecret", name: "admin-user-token", data: "x" },
      { type: "GlobalSecret", name: "envoy-admin-ca", data: "x" },
      { type: "GlobalSecret", name: "inter-cp-ca", data: "x" },
      { type: "GlobalSecret", name: "user-token-revocations", data: "x" },
      { type: "GlobalSecret", name: "zone-token-signing-key-1", data: "x" },
      { ...route, name: "not-synced", labels: { "kuma.io/kds-sync": "disabled" } },
      {
        ...copyOf(timeout),
        name: "t-of-zone-2",
        labels: { "kuma.io/origin": "zone", "kuma.io/zone": "zone-2" },
      },
    );
    assert.deepEqual((await verify()).problems, []);
  });

  it("names what the zone owns and the global has not, or not alike", async () => {
    remove(global, "Dataplane default/d-hash");
    global.add({ ...copyOf(timeout), spec: { a: 2 } });
    const { problems, resources, zone: report } = await verify();
    assert.deepEqual(problems, [
      "In zone zone-1, but missing or different on the global: Dataplane default/d, MeshTimeout default/t.",
    ]);
    assert.deepEqual([report.globalToZone, report.zoneToGlobal], [true, false]);
    const counts = Object.fromEntries(
      resources.map((row) => [row.type, [row.expected, row.present, row.different]]),
    );
    assert.deepEqual(
      [counts.Dataplane, counts.MeshTimeout],
      [
        [1, 0, 0],
        [1, 1, 1],
      ],
    );
  });

  it("does not take another zone's copy for this zone's", async () => {
    const labels = { ...copyOf(timeout).labels, "kuma.io/zone": "zone-2" };
    global.add({ ...copyOf(timeout), labels });
    assert.equal((await verify()).zone.zoneToGlobal, false);
  });

  it("looks for proxies and does not compare them, as they change all the time", async () => {
    global.add({ ...copyOf(dataplane), networking: { address: "2" } });
    assert.deepEqual((await verify()).problems, []);
  });

  it("names ten resources at the most", async () => {
    zone.add(...Array.from({ length: 12 }, (_, i) => ofZone("MeshTimeout", `more-${i}`, { spec: {} })));
    const { problems } = await verify();
    assert.equal(problems.length, 1);
    assert.match(problems[0], /MeshTimeout default\/more-9 and 2 more\.$/);
  });

  it("reports what it could not check as inconclusive, and not as equal", async () => {
    const { url } = zone;
    await zone.stop();
    const verification = await verify(manifestOf(CARRIED), { url, attempts: 1 });
    assert.deepEqual(verification.problems, []);
    assert.deepEqual(verification.inconclusive, [
      "Zone zone-1 could not be compared with the global. " +
        `The zone at ${url} cannot be reached: connection refused. Check that it runs, and that its address is right.`,
    ]);
    assert.deepEqual([verification.zone.globalToZone, verification.zone.zoneToGlobal], [null, null]);
    assert.equal(verification.resources.length, 4);
  });

  it("fails when the global cannot be read", async () => {
    global.fail("GET /meshes", { status: 403, body: "" });
    assert.equal((await kumaErrorOf(verify())).code, "forbidden");
  });

  it("never holds the content of a secret", async () => {
    zone.add({ ...secret, data: "canary" });
    assert.ok(!JSON.stringify(await verify()).includes("canary"));
  });
});
