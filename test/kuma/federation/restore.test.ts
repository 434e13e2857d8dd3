import * as assert from "node:assert/strict";
import { Resource, packSnapshot, putBack, restoreZone, unpackSnapshot } from "../../../kuma";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { typesByName } from "../../support/resources/types";
import { until } from "../../support/until";

const mtls = { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] };
const ORIGINALS: Resource[] = [
  { type: "GlobalSecret", name: "user-token-signing-key-1", data: "eA==" },
  { type: "GlobalSecret", name: "admin-user-token", data: "eA==" },
  { type: "TrafficRoute", mesh: "m", name: "r", conf: {} },
  { type: "Secret", mesh: "m", name: "m.ca-builtin-cert-ca-1", data: "eA==" },
  { type: "Mesh", name: "m", mtls },
];
const KEPT: Resource[] = [
  {
    type: "MeshTimeout",
    mesh: "m",
    name: "t",
    creationTime: "then",
    labels: { "kuma.io/origin": "zone", "kuma.io/zone": "zone-1", team: "a" },
    spec: {},
  },
];

describe("kuma/federation/restore", () => {
  let zone: FakeControlPlane;
  beforeEach(async () => (zone = await FakeControlPlane.start()));
  afterEach(stopFakes);

  it("leaves to the zone what it makes of its proxies and could not get back as it was", async () => {
    const made = (name: string, labels: object): Resource => ({
      ...{ type: "MeshService", mesh: "m", name, spec: {} },
      labels: { "kuma.io/managed-by": "meshservice-generator", ...labels },
    });
    await restoreZone(clientOf(zone), [], [made("computed", {}), made("own", { "kuma.io/origin": "zone" })]);
    assert.deepEqual(zone.writes, ["PUT /meshes/m/meshservices/own"]);
  });

  it("writes provided meshes, secrets, the meshes as they were, the rest, what the zone owns, and the keys last", async () => {
    await restoreZone(clientOf(zone), ORIGINALS, KEPT);
    assert.deepEqual(zone.writes, [
      "PUT /meshes/m",
      "PUT /meshes/m/secrets/m.ca-builtin-cert-ca-1",
      "PUT /meshes/m",
      "PUT /meshes/m/traffic-routes/r",
      "PUT /meshes/m/meshtimeouts/t",
      "PUT /globalsecrets/admin-user-token",
      "PUT /globalsecrets/user-token-signing-key-1",
    ]);
    const bodies = zone.requests
      .filter(({ path }) => path === "/meshes/m")
      .map(({ body }) => JSON.parse(body));
    assert.equal(bodies[0].mtls.backends[0].type, "provided");
    assert.deepEqual(bodies[1], ORIGINALS[4]);
  });

  it("leaves the zone with what it had, without labels and fields of a control plane", async () => {
    await restoreZone(clientOf(zone), ORIGINALS, KEPT);
    assert.deepEqual(zone.store.get("Mesh m"), ORIGINALS[4]);
    assert.deepEqual(zone.store.get("MeshTimeout m/t"), {
      type: "MeshTimeout",
      mesh: "m",
      name: "t",
      labels: { team: "a" },
      spec: {},
    });
  });

  it("leaves out a type that the zone does not know any more", async () => {
    await restoreZone(clientOf(zone), [{ type: "Gone", name: "g" }], []);
    assert.deepEqual(zone.writes, []);
  });

  it("keeps a snapshot through packing, and packs it small", () => {
    const originals = Array.from({ length: 2500 }, (_, i) => ({
      type: "TrafficRoute",
      mesh: "m",
      name: `größe-${i}`,
      conf: { note: "☕" },
    }));
    const packed = packSnapshot({ originals, kept: KEPT });
    assert.deepEqual(unpackSnapshot(packed), { originals, kept: KEPT });
    assert.match(packed, /^[A-Za-z0-9+/]+=*$/);
    assert.ok(packed.length < 60_000, String(packed.length));
  });

  describe("putBack", () => {
    it("writes nothing when everything is there", async () => {
      zone.add(...KEPT);
      assert.deepEqual(await putBack(clientOf(zone), KEPT, typesByName), []);
      assert.deepEqual(zone.asked, ["GET /meshtimeouts?size=1000"]);
    });

    it("writes what is missing as the zone's own, once its mesh has arrived", async () => {
      const back = putBack(clientOf(zone), KEPT, typesByName);
      await until("it to look twice", () => zone.requests.length >= 2);
      assert.deepEqual(zone.writes, []);
      zone.add({ type: "Mesh", name: "m" });
      assert.deepEqual(await back, ["MeshTimeout m/t"]);
      assert.deepEqual(zone.store.get("MeshTimeout m/t"), {
        type: "MeshTimeout",
        mesh: "m",
        name: "t",
        labels: { "kuma.io/origin": "zone", team: "a" },
        spec: {},
      });
    });
  });
});
