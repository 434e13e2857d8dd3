import * as assert from "node:assert/strict";
import { Resource, ownExactly } from "../../../kuma";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/fakeControlPlane";

const timeout = (name: string, spec: object, origin = "zone"): Resource => ({
  ...{ type: "MeshTimeout", mesh: "m", name, spec },
  labels: { "kuma.io/origin": origin, "kuma.io/zone": "zone-1" },
});

describe("kuma/zone/ownership: ownExactly", () => {
  let fake: FakeControlPlane;
  beforeEach(async () => {
    fake = await FakeControlPlane.start({
      resources: [
        { type: "Mesh", name: "m" },
        timeout("same", { a: 1 }),
        timeout("changed", { a: 1 }),
        timeout("beyond", { a: 1 }),
        timeout("of-the-global", { a: 1 }, "global"),
        { type: "Secret", mesh: "m", name: "s", data: "eA==" },
      ],
    });
  });
  afterEach(stopFakes);

  const kept = [timeout("same", { a: 1 }), timeout("changed", { a: 2 }), timeout("missing", { a: 1 })];

  const service = (port: number): Resource => ({
    type: "MeshService",
    mesh: "m",
    name: "shop",
    labels: {
      "kuma.io/display-name": "shop",
      "kuma.io/managed-by": "meshservice-generator",
      "kuma.io/origin": "zone",
      "kuma.io/zone": "zone-1",
    },
    spec: { ports: [{ port }] },
  });

  it("leaves to its generator what is made of proxies, and writes it only where it is missing", async () => {
    fake.add(service(8080), { ...service(1), name: "left" });
    const own = [timeout("same", { a: 1 }), timeout("changed", { a: 1 }), timeout("beyond", { a: 1 })];
    await ownExactly(clientOf(fake), [...own, service(9090)], "alone");
    assert.deepEqual(fake.writes, []);
    await ownExactly(clientOf(fake), [...own, { ...service(1), name: "new" }], "alone");
    assert.deepEqual(fake.writes, ["PUT /meshes/m/meshservices/new"]);
    const [put] = fake.requests.filter(({ method }) => method === "PUT");
    assert.deepEqual((JSON.parse(put.body) as Resource).labels, {
      "kuma.io/display-name": "shop",
      "kuma.io/managed-by": "meshservice-generator",
    });
  });

  it("keeps the name of what has the label of a namespace on Universal", async () => {
    const labelled = timeout("imported", { a: 1 });
    labelled.labels = { ...labelled.labels, "k8s.kuma.io/namespace": "store" };
    await ownExactly(clientOf(fake), [...kept, labelled], "alone");
    assert.ok(fake.writes.includes("PUT /meshes/m/meshtimeouts/imported"));
  });

  it("takes back what it did when something is refused", async () => {
    const before = new Map(fake.store);
    fake.fail("PUT /meshes/m/meshtimeouts/missing", { status: 400, body: "{}", delayMs: 200 });
    await assert.rejects(
      ownExactly(clientOf(fake), kept, "alone"),
      /status 400.*The 2 changes made before were taken back/s,
    );
    const content = (store: Map<string, Resource>) =>
      [...store.values()].map(({ name, spec }) => ({ name, spec }));
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
    assert.deepEqual(content(fake.store).sort(byName), content(before).sort(byName));
  });

  for (const [life, labels] of [
    ["federated", { "kuma.io/origin": "zone" }],
    ["alone", undefined],
  ] as const) {
    it(`writes what is missing or differs and deletes what is beyond, in a zone that is ${life}`, async () => {
      await ownExactly(clientOf(fake), kept, life);
      assert.deepEqual(fake.writes.sort(), [
        "DELETE /meshes/m/meshtimeouts/beyond",
        "PUT /meshes/m/meshtimeouts/changed",
        "PUT /meshes/m/meshtimeouts/missing",
      ]);
      const [put] = fake.requests.filter(({ method }) => method === "PUT");
      assert.deepEqual((JSON.parse(put.body) as Resource).labels, labels);

      fake.requests.length = 0;
      const now = kept.map((each) => ({ ...each }));
      for (const each of now) fake.add(each);
      await ownExactly(clientOf(fake), now, life);
      assert.deepEqual(fake.writes, [], "a second time there is nothing to do");
    });
  }
});
