import * as assert from "node:assert/strict";
import { ControlPlane, Resource, ResourceType, exportFor, keyOf, planZone } from "../../../kuma";
import { kumaErrorOf } from "../../support/errors";
import {
  FakeControlPlane,
  FakeOptions,
  clientOf,
  stopFakes,
} from "../../support/controlPlane/fakeControlPlane";
import { UNIVERSAL_TYPES } from "../../support/resources/types";

const ID = "bf138ba2-c9b1-4229-b268-04d9d8a6410b";
const KDS = "grpcs://eu.mesh.sync.konghq.com:443";
const KONG = { product: "Kong Mesh" };
const accessType = (name: string): ResourceType => ({
  name,
  scope: "Global",
  path: name.toLowerCase(),
  readOnly: false,
  includeInFederation: true,
});
const TYPES = [...UNIVERSAL_TYPES, accessType("AccessRole"), accessType("AccessRoleBinding")];
const MESH: Resource = { type: "Mesh", name: "default" };
const secret = (name: string): Resource => ({ type: "GlobalSecret", name, data: "eA==" });
const zoneConfig = (zone: object = {}, others: object = {}) => ({
  mode: "zone",
  environment: "universal",
  store: { type: "memory" },
  multizone: { zone: { name: "zone-1", ...zone } },
  ...others,
});

describe("kuma/konnect: what Konnect takes of a zone", () => {
  afterEach(stopFakes);

  async function zoneWith(resources: Resource[], options: FakeOptions = {}): Promise<ControlPlane> {
    return clientOf(
      await FakeControlPlane.start({ types: TYPES, resources, config: zoneConfig(), ...KONG, ...options }),
    );
  }

  /** A control plane in Konnect that knows of no zone, with these limits and totals. */
  async function konnectWith(insight: object = {}, options: FakeOptions = {}): Promise<FakeControlPlane> {
    const basePath = `/v1/mesh/control-planes/${ID}/api`;
    const fake = await FakeControlPlane.start({ basePath, types: TYPES, ...KONG, ...options });
    const body = JSON.stringify({ limits: { zones: 0, dataplanes: 0, policies: 0 }, ...insight });
    fake.fail(`GET ${basePath}/global-insight`, { status: 200, body }, 9);
    return fake;
  }

  const plan = (zone: ControlPlane, fake: FakeControlPlane) =>
    planZone({ zoneName: "zone-1", zone, global: clientOf(fake), kdsAddress: KDS, onConflict: "fail" });

  it("leaves out users and their tokens, zones, and who may do what, each with a reason", async () => {
    const zone = await zoneWith([
      MESH,
      secret("admin-user-token"),
      secret("user-token-signing-key-1"),
      secret("user-token-revocations"),
      secret("zone-token-signing-key-1"),
      secret("my-secret"),
      { type: "AccessRole", name: "admin" },
      { type: "AccessRoleBinding", name: "default" },
      { type: "Zone", name: "zone-1" },
    ]);
    const fake = await konnectWith();
    const { carried, leftOut, originals } = await exportFor({ zone, global: clientOf(fake), hosted: true });
    assert.deepEqual(carried.map(keyOf).sort(), [
      "GlobalSecret my-secret",
      "GlobalSecret zone-token-signing-key-1",
      "Mesh default",
    ]);
    assert.deepEqual(Object.fromEntries(leftOut.map(({ key, reason }) => [keyOf(key), reason])), {
      "AccessRole admin": "Konnect decides for its own users and teams who may do what",
      "AccessRoleBinding default": "Konnect decides for its own users and teams who may do what",
      "GlobalSecret admin-user-token": "Konnect has its own users, and knows no tokens of a zone's",
      "GlobalSecret user-token-revocations": "Konnect has its own users, and knows no tokens of a zone's",
      "GlobalSecret user-token-signing-key-1": "Konnect has its own users, and knows no tokens of a zone's",
    });
    // for the way back the zone's own stay
    assert.equal(originals.length, 8);
  });

  it("says so before there is a control plane, too", async () => {
    const zone = await zoneWith([MESH, secret("admin-user-token")]);
    const { leftOut } = await exportFor({ zone, global: undefined, hosted: true });
    assert.deepEqual(
      leftOut.map(({ key }) => keyOf(key)),
      ["GlobalSecret admin-user-token"],
    );
  });

  for (const status of [403, 404, 405]) {
    it(`leaves out the keys of zone tokens where global secrets are answered with ${status}`, async () => {
      const fake = await konnectWith();
      fake.fail(({ path }) => path.includes("/globalsecrets"), { status }, 9);
      const zone = await zoneWith([MESH, secret("zone-token-signing-key-1")]);
      const { leftOut } = await exportFor({ zone, global: clientOf(fake), hosted: true });
      assert.match(
        leftOut[0].reason,
        /does not serve global secrets; zone ingresses and egresses need new tokens/,
      );
    });
  }

  it("uses the names of a zone on Kubernetes without the namespace, and leaves what is in other ones", async () => {
    const inNamespace = (namespace: string): Resource => ({
      type: "TrafficPermission",
      mesh: "default",
      name: `t.${namespace}`,
      labels: { "k8s.kuma.io/namespace": namespace, "kuma.io/display-name": "t", mine: "yes" },
    });
    const zone = await zoneWith([MESH, inNamespace("kong-mesh-system"), inNamespace("shop")]);
    Object.assign(zone, { systemNamespace: "kong-mesh-system" });
    const { carried, leftOut } = await exportFor({
      zone,
      global: clientOf(await konnectWith()),
      hosted: true,
    });
    const policy = carried.find(({ type }) => type === "TrafficPermission");
    assert.deepEqual(policy, {
      type: "TrafficPermission",
      mesh: "default",
      name: "t",
      labels: { mine: "yes" },
    });
    assert.deepEqual(
      leftOut.map(({ key, reason }) => `${keyOf(key)}: ${reason}`),
      ["TrafficPermission default/t.shop: it belongs to the namespace shop of the zone's cluster"],
    );
  });

  it("stops before anything is written when Konnect has no place for what only a global can own", async () => {
    const types = TYPES.filter(({ name }) => name !== "TrafficPermission").map((type) =>
      type.name === "TrafficRoute" ? { ...type, readOnly: true } : type,
    );
    const fake = await konnectWith({}, { types });
    const inMesh = (type: string): Resource => ({ type, mesh: "default", name: "x" });
    const zone = await zoneWith([
      MESH,
      inMesh("TrafficPermission"),
      inMesh("TrafficRoute"),
      inMesh("Secret"),
    ]);
    const { code, message } = await kumaErrorOf(plan(zone, fake));
    assert.equal(code, "refused");
    assert.match(message, /Konnect does not take 2 resource\(s\) of zone zone-1, /);
    assert.ok(message.includes("TrafficRoute default/x") && message.includes("TrafficPermission default/x"));
    assert.ok(!message.includes("Secret default/x"));
    assert.deepEqual(fake.writes, []);
  });

  describe("with keys that it made for itself", () => {
    const key = secret("zone-token-signing-key-1");
    const zones = (total: number) => ({ zones: { controlPlanes: { total } } });
    async function planned(fake: FakeControlPlane) {
      fake.add({ ...key, data: "b3RoZXI=" });
      const prospect = (await plan(await zoneWith([MESH, key]), fake)) ?? assert.fail("no plan");
      return prospect.plan.resources.find((each) => each.key === keyOf(key))?.action;
    }

    it("replaces them while no zone uses them, also when this one was announced by the wizard", async () => {
      const fake = await konnectWith(zones(1));
      fake.add({ type: "Zone", name: "zone-1" });
      assert.equal(await planned(fake), "replaceGenerated");
    });

    it("asks what to do when another zone may use them, also where zones are not listed", async () => {
      const listed = await konnectWith(zones(2));
      listed.add({ type: "Zone", name: "zone-1" }, { type: "Zone", name: "zone-2" });
      assert.equal((await kumaErrorOf(planned(listed))).code, "conflict");
      const unlisted = await konnectWith(zones(1));
      unlisted.fail(({ path }) => path.includes("/zones?"), { status: 404 }, 9);
      assert.equal((await kumaErrorOf(planned(unlisted))).code, "conflict");
    });
  });

  it("refuses a zone of Kuma", async () => {
    const zone = await zoneWith([MESH], { product: "Kuma" });
    const { message } = await kumaErrorOf(plan(zone, await konnectWith()));
    assert.match(
      message,
      /nothing was written\. The zone runs Kuma and the global control plane Kong Mesh; .*\n.*has to become one of Kong Mesh/,
    );
  });

  it("refuses a name that is online", async () => {
    const fake = await konnectWith();
    const subscriptions = [{ id: "s", connectTime: "2026-01-01T00:00:00Z" }];
    fake.overviews.set("zone-1", [{ zoneInsight: { subscriptions } }]);
    const { code, message } = await kumaErrorOf(plan(await zoneWith([MESH]), fake));
    assert.equal(code, "conflict");
    assert.match(
      message,
      /nothing was written\. Another control plane is connected to the global as zone zone-1\./,
    );
  });

  const proxy = (name: string): Resource => ({ type: "Dataplane", mesh: "default", name });
  const quotas: [what: string, insight: object, told: RegExp | undefined][] = [
    [
      "zones",
      { limits: { zones: 2 }, zones: { controlPlanes: { total: 2 } } },
      /limit for zones would be exceeded.*\n +zones: 2 there, at most 1 more, limit 2\n/,
    ],
    [
      "data plane proxies",
      { limits: { dataplanes: 5 }, dataplanes: { standard: { total: 3 }, gatewayBuiltin: { total: 1 } } },
      /limit for dataplanes would be exceeded[^]*dataplanes: 4 there, at most 2 more, limit 5\n/,
    ],
    [
      "policies",
      { limits: { policies: 10 }, policies: { total: 10 } },
      /limit for policies would be exceeded[^]*policies: 10 there, at most 1 more, limit 10\n/,
    ],
    ["nothing", { limits: { zones: 1, dataplanes: 2, policies: 1 } }, undefined],
    ["nothing without limits", { zones: { controlPlanes: { total: 99 } } }, undefined],
  ];
  for (const [what, insight, told] of quotas) {
    it(`finds a quota too small for ${what}`, async () => {
      const policy: Resource = { type: "TrafficPermission", mesh: "default", name: "t" };
      const zone = await zoneWith([MESH, proxy("a"), proxy("b"), policy]);
      const fake = await konnectWith(insight);
      if (told === undefined) return assert.ok(await plan(zone, fake));
      const { code, message } = await kumaErrorOf(plan(zone, fake));
      assert.equal(code, "refused");
      assert.match(message, told);
      assert.deepEqual(fake.writes, []);
    });
  }

  const trust: [object, RegExp][] = [
    [
      { rootCaFile: "/etc/ca.crt" },
      /nothing was written\. Zone zone-1 has an authority of its own .*KDS_ROOT_CA_FILE, \/etc\/ca\.crt\)/,
    ],
    [
      { tlsSkipVerify: true },
      /nothing was written\. Zone zone-1 has the setting KUMA_MULTIZONE_ZONE_KDS_TLS_SKIP_VERIFY/,
    ],
  ];
  for (const [kds, told] of trust) {
    it(`refuses a zone with ${JSON.stringify(kds)}`, async () => {
      const zone = await zoneWith([MESH], { config: zoneConfig({ kds }) });
      const fake = await konnectWith();
      const { message } = await kumaErrorOf(plan(zone, fake));
      assert.match(message, told);
      assert.match(message, /Take that setting out of the zone's configuration/);
      assert.deepEqual(fake.writes, []);
    });
  }

  it("does not take a zone of another control plane in the same region for one of this", async () => {
    const of = (cpId: string) =>
      zoneConfig({ globalAddress: KDS }, { kmesh: { multizone: { zone: { konnect: { cpId } } } } });
    const other = await zoneWith([MESH], { config: of("another") });
    const { code, message } = await kumaErrorOf(plan(other, await konnectWith()));
    assert.equal(code, "alreadyFederated");
    assert.match(message, /federated already, with the control plane another in Konnect\./);
    assert.equal(await plan(await zoneWith([MESH], { config: of(ID) }), await konnectWith()), undefined);
  });
});
