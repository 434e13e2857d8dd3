import * as assert from "node:assert/strict";
import { Manifest, Resource, exchangeMarkers } from "../../../kuma";
import { kumaErrorOf } from "../../support/errors";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/fakeControlPlane";

const MANIFEST: Manifest = { "Mesh default": "digest" };
const isWrite = ({ method }: { method: string }) => method !== "GET";
const markersOf = ({ store }: FakeControlPlane) =>
  [...store.values()].filter(({ name }) => name.startsWith("kuma-federation-marker"));

/** That markers do travel is tried on control planes which are connected, in test/contract/sync.test.ts. */
describe("kuma/zone/marker", () => {
  let zone: FakeControlPlane;
  let global: FakeControlPlane;
  beforeEach(async () => {
    zone = await FakeControlPlane.start();
    global = await FakeControlPlane.start();
  });
  afterEach(stopFakes);
  const exchange = (manifest = MANIFEST, deadlineMs = 50) =>
    exchangeMarkers(
      { zone: clientOf(zone), global: clientOf(global), zoneName: "zone-1" },
      manifest,
      deadlineMs,
    );

  it("fails where nothing travels, names both ends, and leaves no marker", async () => {
    const { code, message } = await kumaErrorOf(exchange());
    assert.equal(code, "gate");
    assert.match(
      message,
      /^Zone zone-1 is connected .* written on the global .*MeshTimeout default\/kuma-federation-marker-\w{8}\) did not appear in zone zone-1 after /,
    );
    assert.deepEqual([...markersOf(zone), ...markersOf(global)], []);
  });

  it("writes what no proxy matches, and on the zone as the zone's", async () => {
    await kumaErrorOf(exchange());
    const [[toGlobal], [toZone]] = [global, zone].map(({ requests }) =>
      requests.filter(isWrite).map(({ body }) => JSON.parse(body || "{}") as Record<string, never>),
    );
    assert.deepEqual(toGlobal.spec, toZone.spec);
    assert.deepEqual(toGlobal.spec["targetRef"], {
      kind: "MeshSubset",
      tags: { "kuma-federation/marker": "zone-1" },
    });
    assert.deepEqual(toGlobal.labels, { "kuma.io/effect": "shadow" });
    assert.deepEqual(toZone.labels, { "kuma.io/effect": "shadow", "kuma.io/origin": "zone" });
  });

  it("removes its marker from one side when the other one refuses it", async () => {
    zone.fail(({ method }) => method === "PUT", { status: 403 }, 9);
    assert.equal((await kumaErrorOf(exchange())).code, "forbidden");
    assert.deepEqual(markersOf(global), []);
  });

  it("neither replaces nor deletes what has the marker's name and is none", async () => {
    await kumaErrorOf(exchange());
    const put = global.requests.find(isWrite)?.body ?? assert.fail();
    const stranger = { ...(JSON.parse(put) as Resource), spec: { targetRef: { kind: "Mesh" } } };
    for (const side of [global, zone]) {
      side.store.clear();
      side.add(stranger);
      const before = [...zone.writes, ...global.writes].length;
      const { code, message } = await kumaErrorOf(exchange());
      assert.equal(code, "conflict");
      assert.match(message, /is no marker of this program, so that none was written\./);
      assert.equal([...zone.writes, ...global.writes].length, before);
      assert.deepEqual([...side.store.values()], [stranger]);
      side.store.clear();
    }
  });

  it("removes the marker that a run which was killed has left", async () => {
    zone.fail(({ method }) => method === "DELETE", { status: 403 }, 9);
    await kumaErrorOf(exchange());
    assert.equal(markersOf(zone).length, 1);
    zone.fail(({ method }) => method === "PUT", { status: 405 }, 9);
    zone.fail(({ method }) => method === "DELETE", {}, 9);
    await kumaErrorOf(exchange());
    assert.deepEqual(markersOf(global), []);
  });

  it("uses on the global what the global says of its types, and not what the zone says", async () => {
    zone.types = zone.types.map((type) =>
      type.name === "MeshTimeout" ? { ...type, path: "mytimeouts" } : type,
    );
    await kumaErrorOf(exchange());
    for (const line of global.writes)
      assert.match(line, /^(PUT|DELETE) \/meshes\/default\/meshtimeouts\/kuma-fed/);
  });

  it("has nothing to try without a mesh", async () => {
    await exchange({});
    assert.deepEqual([...zone.requests, ...global.requests].filter(isWrite), []);
  });
});
