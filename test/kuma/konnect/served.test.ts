import * as assert from "node:assert/strict";
import {
  Resource,
  ResourceType,
  hostedRecipient,
  hostedUse,
  keyOf,
  otherZones,
  readAll,
  servesGlobalSecrets,
} from "../../../kuma";
import { withoutPauses, cleanUp } from "../../support/cleanUp";
import { kumaErrorOf } from "../../support/errors";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { UNIVERSAL_TYPES } from "../../support/resources/types";

const BASE = "/v1/mesh/control-planes/bf138ba2-c9b1-4229-b268-04d9d8a6410b/api";
const LIST = `GET ${BASE}/globalsecrets?size=1`;
const KEY: Resource = { type: "GlobalSecret", name: "zone-token-signing-key-1", data: "eA==" };
const withType = (change: (type: ResourceType) => ResourceType[]) =>
  UNIVERSAL_TYPES.flatMap((type) => (type.name === "GlobalSecret" ? change(type) : [type]));

describe("kuma/konnect: what a hosted control plane serves", () => {
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

  const hosted = (types: readonly ResourceType[] = UNIVERSAL_TYPES) =>
    FakeControlPlane.start({ basePath: BASE, product: "Kong Mesh", types });

  it("is global secrets where their list is answered", async () => {
    const fake = await hosted();
    assert.equal(await servesGlobalSecrets(clientOf(fake)), true);
    assert.equal(fake.asked.at(-1), LIST);
  });

  for (const [what, types] of [
    ["has no such type", withType(() => [])],
    ["does not let it be written", withType((type) => [{ ...type, readOnly: true }])],
  ] as const)
    it(`is no global secrets where it ${what}, which is not asked then`, async () => {
      const fake = await hosted(types);
      assert.equal(await servesGlobalSecrets(clientOf(fake)), false);
      assert.ok(!fake.asked.includes(LIST));
    });

  for (const status of [400, 401, 500])
    it(`is not known where the list is answered with ${status}`, async () => {
      withoutPauses();
      const fake = await hosted();
      fake.fail(LIST, { status }, 9);
      const { message } = await kumaErrorOf(servesGlobalSecrets(clientOf(fake)));
      assert.match(message, /the list of GlobalSecret/);
    });

  it("is read without global secrets where it has none", async () => {
    const fake = await hosted();
    fake.add({ type: "Mesh", name: "m" });
    fake.fail(({ path }) => path.includes("/globalsecrets"), { status: 403 }, 9);
    assert.deepEqual((await readAll(clientOf(fake))).resources.map(keyOf), ["Mesh m"]);
  });

  it("is read with global secrets where it has some, as is one of one's own, which is not asked", async () => {
    const fake = await hosted();
    fake.add(KEY);
    assert.deepEqual((await readAll(clientOf(fake))).resources.map(keyOf), [keyOf(KEY)]);
    const own = await FakeControlPlane.start({ resources: [KEY] });
    assert.deepEqual((await readAll(clientOf(own))).resources.map(keyOf), [keyOf(KEY)]);
    assert.ok(!own.asked.includes("GET /globalsecrets?size=1"));
  });

  it("decides about a zone's keys alone", async () => {
    const [yes, no] = [await hosted(), await hosted(withType(() => []))];
    const reason =
      "this control plane in Konnect does not serve global secrets; zone ingresses and egresses need new tokens";
    const others: Resource[] = [
      { ...KEY, name: "mine" },
      { ...KEY, type: "Secret" },
      { type: "MeshTimeout", mesh: "default", name: "admin-user-token" },
    ];
    const reasons = async (global: FakeControlPlane | undefined) => {
      const recipient = await hostedRecipient(global && clientOf(global));
      return [KEY, ...others].map((each) => recipient.leavesOut(each));
    };
    const carried = others.map(() => undefined);
    assert.deepEqual(await reasons(yes), [undefined, ...carried]);
    assert.deepEqual(await reasons(no), [reason, ...carried]);
    assert.deepEqual(await reasons(undefined), [undefined, ...carried]);
  });

  it("is not what lies in namespaces of a cluster's applications, as zones are taken to be in one", async () => {
    const inShop = { type: "MeshTimeout", name: "t", labels: { "k8s.kuma.io/namespace": "shop" } };
    const reason = "it belongs to the namespace shop of the zone's cluster";
    for (const [environment, wanted] of [
      [undefined, reason],
      ["kubernetes", reason],
      ["universal", undefined],
    ] as const)
      assert.equal((await hostedRecipient(undefined, environment)).leavesOut(inShop), wanted);
  });
});

describe("kuma/konnect: how much a hosted control plane may hold", () => {
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

  async function globalWith(insight: object, ...zones: string[]) {
    const fake = await FakeControlPlane.start();
    fake.documents.set("/global-insight", insight);
    fake.add(...zones.map((name) => ({ type: "Zone", name })));
    return clientOf(fake);
  }

  it("is counted, and what is no number is none", async () => {
    const global = await globalWith({
      limits: { zones: 2.9, dataplanes: "5", policies: 1e9 },
      zones: { controlPlanes: { total: -1, online: 7 } },
      dataplanes: { standard: { total: 3, online: 9 }, gatewayBuiltin: { total: 1 }, odd: { total: "2" } },
      policies: { total: 4 },
    });
    assert.deepEqual(await hostedUse(global), {
      limits: { zones: 2, dataplanes: 0, policies: 1_000_000 },
      used: { zones: 0, dataplanes: 4, policies: 4 },
    });
    const nothing = { zones: 0, dataplanes: 0, policies: 0 };
    assert.deepEqual(await hostedUse(await globalWith({})), { limits: nothing, used: nothing });
  });

  it("says what could not be read", async () => {
    withoutPauses();
    const fake = await FakeControlPlane.start();
    fake.fail("GET /global-insight", { status: 500 }, 9);
    assert.match((await kumaErrorOf(hostedUse(clientOf(fake)))).message, /its limits/);
  });

  it("has zones beside one, some of which it does not name", async () => {
    const total = (count: number) => ({ zones: { controlPlanes: { total: count } } });
    assert.deepEqual(await otherZones(await globalWith(total(2), "a", "b"), "a"), ["b"]);
    assert.deepEqual(await otherZones(await globalWith(total(4), "a", "b"), "a"), [
      "b",
      "a zone without a name",
      "a zone without a name",
    ]);
    assert.deepEqual(await otherZones(await globalWith(total(0), "b"), "a"), ["b"]);
  });
});
