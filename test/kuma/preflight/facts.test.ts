import * as assert from "node:assert/strict";
import * as net from "node:net";
import { ControlPlane, Facts, Federation, Resource, meshForGlobal } from "../../../kuma";
import type { Vantage } from "../../../kuma/api/vantage";
import { NotYet } from "../../../kuma/preflight/notYet";
import { kumaErrorOf } from "../../support/errors";
import {
  FakeControlPlane,
  FakeOptions,
  SeenRequest,
  clientOf,
  stopFakes,
} from "../../support/controlPlane/fakeControlPlane";
import {
  ADMIN,
  DATAPLANE_KEY,
  GLOBAL_CONFIG,
  MESH,
  TIMEOUT,
  ZONE_CONFIG,
  content,
  earlier,
  identity,
  identityKey,
  ofZone,
  online,
  trust,
  unseen,
  withTrust,
  zoneConfig,
  zoneNamed,
} from "./fixtures";

const ALWAYS = 999;
const OF_ZONE = `Bearer ${Buffer.from(String(ADMIN.data), "base64").toString()}`;
const CONTROL_PLANE_ID = "bf138ba2-c9b1-4229-b268-04d9d8a6410b";
const IN_KONNECT = `/v1/mesh/control-planes/${CONTROL_PLANE_ID}/api`;

describe("kuma/preflight/facts", () => {
  afterEach(stopFakes);

  const sides = async (
    resources: readonly Resource[] = content,
    federation: Partial<Federation> = {},
    ofGlobal: FakeOptions = {},
    ofZoneItself: FakeOptions = {},
  ) => {
    const zone = await FakeControlPlane.start({
      ...{ clusterId: "z", config: ZONE_CONFIG, resources },
      ...ofZoneItself,
    });
    const global = await FakeControlPlane.start({
      ...{ clusterId: "g", config: GLOBAL_CONFIG, resources: [MESH] },
      ...ofGlobal,
    });
    const facts = new Facts({
      zoneName: "zone-1",
      zone: clientOf(zone),
      global: clientOf(global, { tokens: ["the-globals"] }),
      kdsAddress: undefined,
      onConflict: "fail",
      ...federation,
    });
    return { zone, global, facts };
  };
  const isOfAnother = ({ headers }: SeenRequest) => headers.authorization !== OF_ZONE;

  it("reads the global while the zone still answers", async () => {
    const { zone, facts } = await sides();
    zone.fail("GET /", { ending: "freeze" }, ALWAYS);
    facts.exported().catch(() => {});
    assert.deepEqual([...(await facts.onGlobal()).byKey.keys()], ["Mesh default"]);
    assert.equal((await facts.globalConfig()).mode, "global");
  });

  it("reads a global that refuses the token at hand with the zone's admin token", async () => {
    for (const status of [401, 403]) {
      const { global, facts } = await sides();
      global.fail(isOfAnother, { status }, ALWAYS);
      assert.deepEqual([...(await facts.onGlobal()).byKey.keys()], ["Mesh default"]);
      assert.equal((await facts.globalConfig()).mode, "global");
    }
  });

  it("says that the global refuses, where the zone has no token to try", async () => {
    const { global, facts } = await sides([MESH]);
    global.fail(isOfAnother, { status: 401 }, ALWAYS);
    assert.equal((await kumaErrorOf(facts.onGlobal())).code, "unauthenticated");
    assert.equal(global.asked.filter((each) => each === "GET /_resources").length, 1);
  });

  it("reads each thing once, also where that fails", async () => {
    const { zone, global, facts } = await sides();
    await Promise.all([facts.zoneInfo(), facts.zoneInfo()]);
    await facts.zoneInfo();
    assert.equal(zone.asked.filter((each) => each === "GET /").length, 1);
    global.fail("GET /config", { status: 404 }, ALWAYS);
    await kumaErrorOf(facts.globalConfig());
    await kumaErrorOf(facts.globalConfig());
    assert.equal(global.asked.filter((each) => each === "GET /config").length, 1);
  });

  it("asks a global that fails by something else than the token once, and not the zone", async () => {
    const { zone, global, facts } = await sides();
    global.fail("GET /config", { status: 404 }, ALWAYS);
    assert.equal((await kumaErrorOf(facts.globalConfig())).code, "notFound");
    assert.deepEqual([zone.requests.length, global.asked.length], [0, 1]);
  });

  it("opens a global with the zone's admin token, and with those at hand where the zone fails", async () => {
    const one = await sides();
    assert.deepEqual((await one.facts.openGlobal()).tokensAtHand, ["the-globals", OF_ZONE.slice(7)]);
    const other = await sides();
    other.zone.fail("GET /", { status: 403 }, ALWAYS);
    const global = await other.facts.openGlobal();
    assert.deepEqual(global.tokensAtHand, ["the-globals"]);
    other.global.fail("GET /config", { status: 401 }, ALWAYS);
    await kumaErrorOf(global.config());
    assert.equal(other.global.asked.length, 1, "not asked without a token");
  });

  it("knows all that the global holds, and of one that is still to be made nothing", async () => {
    const { facts } = await sides(content, {}, { resources: [MESH, TIMEOUT] });
    const { resources, byKey, types } = await facts.onGlobal();
    assert.deepEqual(resources, [MESH, TIMEOUT]);
    assert.deepEqual([byKey.get("Mesh default"), byKey.get("TrafficRoute default/r")], [MESH, TIMEOUT]);
    assert.ok(types.has("TrafficRoute"));
    assert.equal(await facts.held(), await facts.onGlobal());
    const { facts: without } = await sides(content, { global: undefined });
    assert.deepEqual(await without.held(), { resources: [], byKey: new Map() });
  });

  it("knows whether there is a global, and whether Konnect hosts it", async () => {
    const { facts } = await sides(content, { globalIsStopped: true });
    assert.equal(facts.globalIfMade, facts.federation.global);
    assert.equal(facts.isHosted, false);
    const { facts: without } = await sides(content, { global: undefined });
    assert.equal(without.globalIfMade, undefined);
    assert.throws(() => without.global, NotYet);
    const { facts: stopped } = await sides(content, { global: undefined, globalIsStopped: true });
    const { code, message } = await kumaErrorOf(() => stopped.globalIfMade);
    assert.equal(code, "unreachable");
    assert.match(
      message,
      /^The global control plane is stopped and was not started\. npm run up starts it, /,
    );
    assert.equal(without.isHosted, false);
    const { facts: toBeHosted } = await sides(content, { global: undefined, hosted: true });
    assert.equal(toBeHosted.isHosted, true);
    const { global } = await sides(content, {}, { basePath: IN_KONNECT });
    const { facts: hosted } = await sides(content, { global: clientOf(global) });
    assert.equal(hosted.isHosted, true);
  });

  it("knows the zones that are there and those that join before, each once", async () => {
    const zones = [zoneNamed("zone-1"), zoneNamed("zone-2")];
    const before = [unseen("zone-2"), unseen("zone-3")];
    const { facts } = await sides(content, { earlier: before }, { resources: zones });
    assert.deepEqual(await facts.globalZones(), ["zone-1", "zone-2"]);
    assert.deepEqual(await facts.zonesThen(), ["zone-1", "zone-2", "zone-3"]);
    const { facts: early } = await sides(content, { earlier: before, global: undefined });
    assert.deepEqual(await early.zonesThen(), ["zone-2", "zone-3"]);
    const { facts: hosted, global } = await sides(content, { hosted: true }, { resources: zones });
    global.documents.set("/global-insight", { zones: { controlPlanes: { total: 3 } } });
    assert.deepEqual(await hosted.globalZones(), ["zone-2", "a zone without a name"]);
    const { facts: known, global: withZone } = await sides();
    withZone.overviews.set("zone-1", [online()]);
    assert.equal((await known.zoneOnGlobal()).online, true);
  });

  describe("what would be written", () => {
    const KEY_OF_GLOBAL = { ...DATAPLANE_KEY, data: "b3RoZXI=" };
    const actionOf = async (key: string, ...given: Parameters<typeof sides>) => {
      const { facts } = await sides(...given);
      const planned = (await facts.plan()).resources.find((each) => each.key === key) ?? assert.fail(key);
      return planned.identity === undefined ? planned.action : `${planned.action}: ${planned.identity}`;
    };
    const ADMIN_KEY = "GlobalSecret admin-user-token";

    it("is all of it on a global that is still to be made, which has made its own secrets by then", async () => {
      assert.equal(await actionOf(ADMIN_KEY, content, { global: undefined }), "replaceGenerated");
      assert.equal(
        await actionOf(ADMIN_KEY, content, { global: undefined, earlier: [] }),
        "replaceGenerated",
      );
    });

    it("is compared with what zones bring that join before", async () => {
      const brought = earlier("zone-0", [MESH, { ...ADMIN, data: "b3RoZXI=" }]);
      const given = { global: undefined, earlier: [brought] };
      assert.equal(await actionOf(ADMIN_KEY, content, given), "conflict");
      const { facts } = await sides(content, given);
      const { rivals, zone } = (await facts.plan()).resources.find(({ key }) => key === ADMIN_KEY) ?? {};
      assert.deepEqual([rivals?.map(({ zones }) => zones), zone], [[["zone-0"]], "zone-1"]);
    });

    it("is in conflict with what a global has made for itself once it has zones, or is to have some", async () => {
      const made = [meshForGlobal(MESH), { ...ADMIN, data: "b3RoZXI=" }];
      const on = (...more: Resource[]) => ({ resources: [...made, ...more] });
      assert.equal(await actionOf(ADMIN_KEY, content, {}, on()), "replaceGenerated");
      assert.equal(await actionOf(ADMIN_KEY, content, {}, on(zoneNamed("zone-2"))), "conflict");
      assert.equal(await actionOf(ADMIN_KEY, content, { earlier: [unseen("zone-0")] }, on()), "conflict");
    });

    it("replaces a key that the global has made for a mesh, as long as nobody uses it", async () => {
      const key = "Secret default/dataplane-token-signing-key-default-1";
      const given = (more: Resource[], before: Federation["earlier"] = []) =>
        [
          [...content, DATAPLANE_KEY],
          { earlier: before },
          { resources: [meshForGlobal(MESH), KEY_OF_GLOBAL, ...more] },
        ] as const;
      assert.equal(await actionOf(key, ...given([])), "replaceGenerated");
      assert.equal(
        await actionOf(key, ...given([ofZone("MeshTimeout", "x", {}, "zone-2")])),
        "replaceGenerated",
      );
      const elsewhere = ofZone("Dataplane", "web", { mesh: "second" }, "zone-2");
      assert.equal(await actionOf(key, ...given([elsewhere])), "replaceGenerated");
      const proxy = ofZone("Dataplane", "web", {}, "zone-2");
      assert.equal(await actionOf(key, ...given([proxy])), "conflict");
      assert.equal(await actionOf(key, ...given([], [earlier("zone-0", [], [proxy])])), "conflict");
      assert.equal(await actionOf(key, ...given([], [earlier("zone-0", [KEY_OF_GLOBAL])])), "conflict");
    });

    it("tells an identity by the zone's, by one on the global, and by one of a zone that joins before", async () => {
      const key = "Secret default/id-private-key";
      const own = [...content, identityKey];
      const others = { ...identityKey, data: "b3RoZXI=" };
      const on = (...more: Resource[]) => ({ resources: [others, ...more], types: withTrust });
      const told = "conflict: MeshIdentity default/id";
      assert.equal(await actionOf(key, own, {}, on()), "conflict");
      assert.equal(await actionOf(key, own, {}, on({ ...trust, name: "id" })), "conflict");
      assert.equal(await actionOf(key, [...own, identity], {}, on()), told);
      assert.equal(await actionOf(key, own, {}, on(identity)), told);
      assert.equal(await actionOf(key, own, { earlier: [earlier("zone-0", [], [identity])] }, on()), told);
    });
  });

  describe("the mesh over its zones", () => {
    const named = (resources: readonly Resource[]) =>
      resources.map(({ type, name, labels }) => `${type} ${name} ${labels?.["kuma.io/zone"] ?? ""}`.trim());

    it("is looked at without the zone, and with it", async () => {
      const resources = [zoneNamed("zone-1"), zoneNamed("zone-2"), zoneNamed("zone-3"), MESH];
      const before = [
        earlier("zone-0", [{ ...TIMEOUT, name: "brought" }], [ofZone("Dataplane", "web", {}, "zone-0")]),
      ];
      const { facts, global } = await sides(content, { earlier: before }, { resources });
      const overview = online();
      Object.assign(overview.zoneInsight.subscriptions[0], { version: { kumaCp: { version: "2.13.1" } } });
      global.overviews.set("zone-2", [{ name: "zone-2", ...overview }]);
      const { before: without, after } = await facts.acrossZones();
      const there = { enabled: true, online: true, synced: [], instances: [] };
      assert.deepEqual(
        without.zones.map(({ name, version }) => [name, version]),
        [
          ["zone-2", "2.13.1"],
          ["zone-3", undefined],
          ["zone-0", undefined],
        ],
      );
      assert.deepEqual(without.zones[1], { name: "zone-3", version: undefined, ...there });
      assert.deepEqual(after.zones, [...without.zones, { name: "zone-1", version: "2.14.3", ...there }]);
      assert.deepEqual(named(without.resources), [
        "Mesh default",
        "TrafficRoute brought",
        "Dataplane web zone-0",
      ]);
      assert.deepEqual(named(after.resources).sort(), [
        "Dataplane web zone-0",
        "GlobalSecret admin-user-token",
        "Mesh default",
        "MeshTimeout own zone-1",
        "Secret default.ca-builtin-key-ca-1",
        "TrafficRoute brought",
        "TrafficRoute r",
      ]);
      assert.deepEqual([without.globalVersion, after.globalVersion], ["2.14.3", "2.14.3"]);
      assert.match(after.now, /^\d{4}-\d\d-\d\dT.*Z$/);
      assert.deepEqual(after.ends, []);
    });

    it("is that of zones that join before, as long as there is no global", async () => {
      const { facts } = await sides(content, { global: undefined, earlier: [earlier("zone-0", [MESH])] });
      const { before, after } = await facts.acrossZones();
      assert.deepEqual(
        before.zones.map(({ name }) => name),
        ["zone-0"],
      );
      assert.deepEqual(
        after.zones.map(({ name }) => name),
        ["zone-0", "zone-1"],
      );
      assert.deepEqual(named(before.resources), ["Mesh default"]);
      assert.equal(after.globalVersion, undefined);
    });

    it("is not asked of Konnect, which tells of no zones", async () => {
      const { facts, global } = await sides(content, { hosted: true }, { resources: [zoneNamed("zone-2")] });
      global.documents.set("/global-insight", {});
      const { before } = await facts.acrossZones();
      assert.deepEqual(
        before.zones.map(({ name }) => name),
        ["zone-2"],
      );
      assert.ok(!global.asked.some((each) => each.includes("insights")));
    });
  });

  it("dials as the zone does where that runs here, or its machine is reached", async () => {
    const { facts: elsewhere } = await sides();
    assert.deepEqual([elsewhere.dialsAsZone, elsewhere.vantage], [false, undefined]);
    const { facts: here } = await sides(content, { zoneRunsHere: true });
    assert.equal(here.dialsAsZone, true);
    const vantage = { title: "host root@zone-1" } as Vantage;
    const { facts: reached } = await sides(content, { zone: { vantage } as ControlPlane });
    assert.deepEqual([reached.dialsAsZone, reached.vantage], [true, vantage]);
  });

  it("dials once there is a global, an address and an authority", async () => {
    const server = net.createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as net.AddressInfo;
    const known = { kdsAddress: `grpc://127.0.0.1:${port}`, kdsCa: "" };
    const { facts } = await sides(content, known);
    assert.deepEqual([(await facts.kds()).port, (await facts.kds()).unreachable], [port, undefined]);
    server.close();
    for (const missing of ["global", "kdsAddress", "kdsCa"]) {
      const { facts: early } = await sides(content, { ...known, [missing]: undefined });
      await assert.rejects(early.kds(), NotYet, missing);
    }
  });

  describe("a zone that is federated", () => {
    const KDS = "grpcs://here:5685";
    const joined = async (
      federation: Partial<Federation>,
      config: object = {},
      ofGlobal: FakeOptions = {},
    ) => {
      const multizone = { zone: { name: "zone-1", globalAddress: KDS } };
      const itself = { config: zoneConfig({ multizone, ...config }) };
      return (await sides(content, federation, ofGlobal, itself)).facts.joined();
    };

    it("has joined the global whose address it dials, whose address is not known yet, or which has moved", async () => {
      assert.equal(await joined({ kdsAddress: KDS }), true);
      assert.equal(await joined({ kdsAddress: undefined }), true);
      assert.equal(await joined({ kdsAddress: KDS, global: undefined }), true);
      assert.equal(await joined({ kdsAddress: "grpcs://new:5685", formerKdsAddress: KDS }), true);
      assert.equal(
        await joined({ kdsAddress: "grpcs://new:5685", formerKdsAddress: "grpcs://old:5685" }),
        false,
      );
      assert.equal(await joined({ kdsAddress: "grpcs://new:5685" }), false);
      const alone = { zone: { name: "zone-1" } };
      assert.equal(
        await joined({ kdsAddress: KDS, formerKdsAddress: undefined }, { multizone: alone }),
        false,
      );
    });

    it("has joined the control plane in Konnect whose id it has, as all have one address", async () => {
      const as = (cpId: string) => ({ kmesh: { multizone: { zone: { konnect: { cpId } } } } });
      const { global } = await sides(content, {}, { basePath: IN_KONNECT });
      const hosted = { kdsAddress: KDS, global: clientOf(global) };
      assert.equal(await joined(hosted, as(CONTROL_PLANE_ID)), true);
      assert.equal(await joined(hosted, as("another")), false);
      assert.equal(await joined(hosted), true);
      assert.equal(await joined({ kdsAddress: KDS }, as("another")), true);
    });
  });
});
