import * as assert from "node:assert/strict";
import { Manifest, Resource, exchangeMarkers } from "../../../kuma";
import { kumaErrorOf } from "../../support/errors";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { DEADLINE_MS, until } from "../../support/until";

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

  it("says why none was written", async () => {
    assert.equal(await exchange({}), "the zone has carried no mesh");
    assert.equal(await exchange({ "Secret default/x": "digest" }), "the zone has carried no mesh");
    const hosted = await FakeControlPlane.start({ basePath: "/v1/mesh/control-planes/c-1/api" });
    const inKonnect = { zone: clientOf(zone), global: clientOf(hosted), zoneName: "zone-1" };
    assert.equal(await exchangeMarkers(inKonnect, MANIFEST, 50), "each policy counts in Konnect");
    for (const side of [zone, global]) {
      const known = side.types;
      side.types = known.filter(({ name }) => name !== "MeshTimeout");
      assert.equal(await exchange(), "not both sides know MeshTimeout");
      side.types = known;
    }
    assert.deepEqual([...zone.writes, ...global.writes], []);
  });

  it("takes the first mesh that was carried", async () => {
    await kumaErrorOf(exchange({ "GlobalSecret a": "d", "Mesh second": "d", "Mesh third": "d" }));
    assert.match(global.writes[0], /^PUT \/meshes\/second\/meshtimeouts\//);
  });

  describe("on two sides that are connected", () => {
    /** Has what is written to one side appear on the other one, as KDS does it, and go with it. */
    const connect = (from: FakeControlPlane, to: FakeControlPlane, labels: Record<string, string>) => {
      const [set, remove] = [from.store.set.bind(from.store), from.store.delete.bind(from.store)];
      const keyOnOther = (key: string) => `${key}-copy`;
      from.store.set = (key, resource) => {
        const copy = { ...resource, name: `${resource.name}-copy` };
        copy.labels = { ...labels, "kuma.io/display-name": resource.name };
        if (!key.endsWith("-copy")) to.store.set(keyOnOther(key), copy);
        return set(key, resource);
      };
      from.store.delete = (key) => {
        if (!key.endsWith("-copy")) to.store.delete(keyOnOther(key));
        return remove(key);
      };
    };
    const toZone = () => connect(global, zone, { "kuma.io/origin": "global" });
    const toGlobal = (zoneName = "zone-1") =>
      connect(zone, global, { "kuma.io/origin": "zone", "kuma.io/zone": zoneName });
    const other = (name: string): Resource => ({
      type: "MeshTimeout",
      mesh: "default",
      name,
      labels: { "kuma.io/origin": "global" },
    });

    it("goes both ways and leaves nothing behind", async () => {
      zone.add(other("of-the-user"));
      toZone();
      toGlobal();
      assert.equal(await exchange(MANIFEST, DEADLINE_MS), undefined);
      assert.deepEqual([...markersOf(zone), ...markersOf(global)], []);
      assert.equal(zone.store.size, 1);
    });

    it("fails where it goes one way only, and names that way", async () => {
      toZone();
      const { message } = await kumaErrorOf(exchange(MANIFEST, 2_000));
      const [marker] = zone.writes[0].split("/").slice(-1);
      assert.equal(
        message,
        `Zone zone-1 is connected and both sides are equal, but a policy that was written in zone zone-1 for trying (MeshTimeout default/${marker}) ` +
          "did not appear on the global after 2 s, so changes do not travel. Nothing is lost. " +
          "The logs of both control planes tell why; run it again once that is fixed.",
      );
    });

    it("does not take for its own what came from another zone, or was not copied", async () => {
      toZone();
      toGlobal("zone-2");
      assert.match(
        (await kumaErrorOf(exchange(MANIFEST, 600))).message,
        /written in zone zone-1 .* did not appear on the global/,
      );
    });

    it("fails where a marker stays that was deleted", async () => {
      toZone();
      toGlobal();
      const remove = zone.store.delete.bind(zone.store);
      zone.store.delete = (key) => (key.endsWith("-copy") ? false : remove(key));
      assert.match(
        (await kumaErrorOf(exchange(MANIFEST, 600))).message,
        /a policy that was deleted on the global for trying \(.*\) is still in zone zone-1 after 0\.6 s/,
      );
    });
  });

  it("writes a policy that has a rule, as one without is refused", async () => {
    await kumaErrorOf(exchange());
    const { body } = global.requests.find(isWrite) ?? assert.fail();
    const { spec } = JSON.parse(body) as { spec: { to: object[] } };
    assert.deepEqual(spec.to, [{ targetRef: { kind: "Mesh" }, default: { connectionTimeout: "5s" } }]);
  });

  it("takes nothing for a marker that lacks the label, or the tags", async () => {
    await kumaErrorOf(exchange());
    const marker = JSON.parse(global.requests.find(isWrite)?.body ?? "") as Resource;
    for (const stranger of [
      { ...marker, labels: { "kuma.io/effect": "other" } },
      { ...marker, labels: undefined },
    ]) {
      global.add(stranger);
      const { code, message } = await kumaErrorOf(exchange());
      assert.equal(code, "conflict");
      assert.match(message, /Nothing was changed by this check\. Delete or rename it, and run it again\.$/);
    }
  });

  it("deletes nothing that took its name while it was looked for", async () => {
    const work = kumaErrorOf(exchange(MANIFEST, 1_500));
    await until("both markers", () => markersOf(zone).length + markersOf(global).length === 2);
    const [marker] = markersOf(global);
    const stranger = { ...marker, spec: { targetRef: { kind: "Mesh" } } };
    global.add(stranger);
    await work;
    assert.deepEqual([...markersOf(zone), ...markersOf(global)], [stranger]);
  });
});
