import * as assert from "node:assert/strict";
import { Resource, ownExactly } from "../../kuma";
import { FakeControlPlane, clientOf, stopFakes } from "../support/fakeControlPlane";

const timeout = (name: string, spec: object, origin = "zone"): Resource => ({
  ...{ type: "MeshTimeout", mesh: "m", name, spec },
  labels: { "kuma.io/origin": origin, "kuma.io/zone": "zone-1" },
});

describe("kuma/ownership: ownExactly", () => {
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
