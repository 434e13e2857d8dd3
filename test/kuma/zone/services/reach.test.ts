import * as assert from "node:assert/strict";
import { ControlPlane, Reach, Resource } from "../../../../kuma";
import { FakeControlPlane, stopFakes } from "../../../support/controlPlane/fakeControlPlane";

const proxy = (mesh: string, name: string, zone: string, ...services: string[]): Resource => ({
  ...{ type: "Dataplane", mesh, name, labels: { "kuma.io/zone": zone } },
  networking: { inbound: services.map((service) => ({ tags: { "kuma.io/service": service } })) },
});
const PROXIES = [
  proxy("default", "a", "zone-1", "web", "api"),
  proxy("default", "b", "zone-1", "web"),
  proxy("default", "c", "zone-2", "db"),
  proxy("other", "d", "zone-2", "queue"),
];
const TIMEOUT = { type: "MeshTimeout", mesh: "default", name: "t" };
const SELECTED = "/meshes/default/meshtimeouts/t/_resources/dataplanes";

describe("kuma/zone/services/reach", () => {
  afterEach(stopFakes);

  async function open(selected?: unknown) {
    const fake = await FakeControlPlane.start({ resources: PROXIES });
    if (selected !== undefined) fake.documents.set(SELECTED, selected);
    return { fake, controlPlane: new ControlPlane({ title: "the global", url: fake.url }) };
  }
  const selected = (...names: string[]) => ({ total: names.length, items: names.map((name) => ({ name })) });

  it("counts the proxies that the control plane says a policy selects, and their services", async () => {
    const { controlPlane } = await open(selected("a", "c"));
    const reach = await Reach.read(controlPlane);
    assert.deepEqual(await reach.of(TIMEOUT, true), { proxies: 2, services: 3, by: "policy" });
  });

  it("counts all of the mesh where the policy is not there yet, or the control plane does not tell", async () => {
    const all = { proxies: 3, services: 3, by: "mesh" };
    const { fake, controlPlane } = await open(selected("a"));
    const reach = await Reach.read(controlPlane);
    assert.deepEqual(await reach.of(TIMEOUT, false), all);
    assert.ok(!fake.requests.some(({ path }) => path.includes("_resources/")));
    assert.deepEqual(await reach.of({ ...TIMEOUT, name: "unknown" }, true), all);
    for (const answer of [{ items: [] }, "nonsense", { total: "2", items: [{ name: "a" }] }]) {
      const other = await open(answer);
      assert.deepEqual(await (await Reach.read(other.controlPlane)).of(TIMEOUT, true), all);
    }
  });

  it("believes no proxies that the control plane does not have", async () => {
    const { controlPlane } = await open(selected("a", "made-up", "d"));
    assert.equal((await (await Reach.read(controlPlane)).of(TIMEOUT, true)).proxies, 1);
  });

  it("leaves out the proxies of one zone", async () => {
    const { controlPlane } = await open(selected("a", "b", "c"));
    const reach = await Reach.read(controlPlane, "zone-1");
    assert.deepEqual(await reach.of(TIMEOUT, true), { proxies: 1, services: 1, by: "policy" });
    assert.deepEqual(reach.perMesh(), {
      default: { proxies: 1, services: 1 },
      other: { proxies: 1, services: 1 },
    });
  });

  it("takes a mesh for all that is in it, and what is in no mesh for nobody", async () => {
    const { controlPlane } = await open();
    const reach = await Reach.read(controlPlane);
    assert.equal((await reach.of({ type: "Mesh", name: "other" }, true)).proxies, 1);
    assert.equal((await reach.of({ type: "HostnameGenerator", name: "h" }, true)).proxies, 0);
  });

  it("reads pages to their end", async () => {
    const { fake, controlPlane } = await open(selected("a"));
    fake.documents.set(SELECTED, {
      total: 5_000,
      items: Array.from({ length: 1_000 }, () => ({ name: "a" })),
    });
    assert.deepEqual(await (await Reach.read(controlPlane)).of(TIMEOUT, true), {
      ...{ proxies: 3, services: 3, by: "mesh" },
    });
    const offsets = fake.requests.flatMap(({ path }) => /offset=(\d+)/.exec(path)?.[1] ?? []);
    assert.equal(offsets[1], "1000");
    assert.equal(offsets.length, 200, "and no further, whatever it announces");
  });
});
