import * as assert from "node:assert/strict";
import { Resource, knownTypes, originalKey, ownExactly, putBack } from "../../../kuma";
import { cleanUp } from "../../support/cleanUp";
import { passDeadline } from "../../support/clock";
import { kumaErrorOf } from "../../support/errors";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { until } from "../../support/until";

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

  it("writes nothing of what a former global had left in the zone", async () => {
    const own = [timeout("same", { a: 1 }), timeout("changed", { a: 1 }), timeout("beyond", { a: 1 })];
    for (const life of ["federated", "alone"] as const)
      await ownExactly(clientOf(fake), [...own, timeout("left-zzfd69x27d4f6cb7", { a: 1 }, "global")], life);
    assert.deepEqual(fake.writes, []);
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

  it("waits for the meshes of what it writes, in a zone that is federated alone", async () => {
    fake.store.delete("Mesh m");
    const work = ownExactly(clientOf(fake), kept, "federated");
    await until("two looks", () => fake.asked.filter((line) => line.startsWith("GET /meshes")).length > 2);
    assert.deepEqual(fake.writes, []);
    fake.add({ type: "Mesh", name: "m" });
    await work;
    assert.equal(fake.writes.length, 3);
    fake.store.delete("Mesh m");
    await ownExactly(clientOf(fake), [timeout("other", {})], "alone");
  });

  it("begins nothing more once something is refused, and says what could not be taken back", async () => {
    const many = Array.from({ length: 9 }, (_, index) => timeout(`new-${index}`, {}));
    fake.fail("PUT /meshes/m/meshtimeouts/new-1", { status: 400, body: "{}" });
    fake.fail("DELETE /meshes/m/meshtimeouts/new-0", { status: 400, body: "{}" });
    const { code, message } = await kumaErrorOf(
      ownExactly(
        clientOf(fake, { concurrency: 1 }),
        [...kept.slice(0, 1), timeout("changed", { a: 1 }), timeout("beyond", { a: 1 }), ...many],
        "alone",
      ),
    );
    assert.equal(code, "refused");
    assert.match(message, /Of the 1 changes made before, 1 could not be taken back\.$/);
    assert.ok(!fake.writes.some((line) => line.includes("new-2")));
  });

  it("leaves alone what is of a type that the zone does not know", async () => {
    const strange: Resource = { type: "Novelty", mesh: "m", name: "x", labels: { "kuma.io/origin": "zone" } };
    const own = [timeout("same", { a: 1 }), timeout("changed", { a: 1 }), timeout("beyond", { a: 1 })];
    await ownExactly(clientOf(fake), [...own, strange], "alone");
    assert.deepEqual(fake.writes, []);
  });
});

describe("kuma/zone/ownership: putBack", () => {
  let fake: FakeControlPlane;
  beforeEach(async () => (fake = await FakeControlPlane.start({ resources: [{ type: "Mesh", name: "m" }] })));
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });
  const back = async (kept: Resource[]) => {
    const zone = clientOf(fake, { title: "the zone" });
    const types = await knownTypes(zone);
    fake.requests.length = 0;
    return putBack(zone, kept, types);
  };

  it("writes what is missing as the zone's, and reads only the types that it has to", async () => {
    fake.add(timeout("there", {}));
    const gone: Resource = { ...timeout("gone", { a: 1 }), creationTime: "2026-01-01T00:00:00Z" };
    const made: Resource = {
      type: "MeshService",
      mesh: "m",
      name: "s",
      labels: { "kuma.io/managed-by": "workload-generator" },
    };
    const left = timeout("left-zzfd69x27d4f6cb7", { a: 1 }, "global");
    assert.deepEqual(await back([timeout("there", {}), gone, made, left]), ["MeshTimeout m/gone"]);
    assert.deepEqual([...new Set(fake.asked.map((line) => line.split("?")[0]))].sort(), [
      "GET /meshes",
      "GET /meshservices",
      "GET /meshtimeouts",
      "PUT /meshes/m/meshtimeouts/gone",
    ]);
    const { body } = fake.requests.find(({ method }) => method === "PUT") ?? assert.fail();
    assert.deepEqual(JSON.parse(body), {
      ...{ type: "MeshTimeout", mesh: "m", name: "gone", spec: { a: 1 } },
      labels: { "kuma.io/origin": "zone" },
    });
  });

  it("takes a copy of the global's for what it is a copy of, and what the zone made for itself by its own name", async () => {
    const labels = { "kuma.io/display-name": "t" };
    fake.add({ ...timeout("t-hash", {}, "global"), labels: { ...labels, "kuma.io/origin": "global" } });
    assert.deepEqual(await back([timeout("t", {})]), []);
    fake.store.delete("MeshTimeout m/t-hash");
    fake.add({ ...timeout("u", {}), labels: { ...labels, "kuma.io/origin": "zone" } });
    assert.deepEqual(await back([timeout("t", {})]), ["MeshTimeout m/t"]);
  });

  it("has nothing to do, and waits for no mesh, where all of it is there", async () => {
    fake.store.clear();
    fake.add(timeout("a", {}));
    assert.deepEqual(await back([timeout("a", {})]), []);
    assert.deepEqual(await back([]), []);
    assert.ok(!fake.asked.some((line) => line.startsWith("GET /meshes?")));
  });

  it("writes what is in no mesh without waiting for one", async () => {
    fake.store.clear();
    assert.deepEqual(await back([{ type: "HostnameGenerator", name: "h", spec: {} }]), [
      "HostnameGenerator h",
    ]);
    assert.ok(!fake.asked.some((line) => line.startsWith("GET /meshes")));
  });

  it("says which meshes did not arrive, and writes nothing", async () => {
    fake.store.clear();
    const other = { ...timeout("o", {}), mesh: "n" };
    const work = kumaErrorOf(back([timeout("a", {}), other]));
    await passDeadline(fake, 61_000);
    assert.deepEqual(await work, {
      code: "gate",
      message:
        "the zone is connected, but mesh m, n did not arrive from the global within 60 s. " +
        "What the zone owns is kept and will be put back at the next run.",
    });
    assert.deepEqual(fake.writes, []);
  });

  it("writes nothing of a type that the zone does not know", async () => {
    await back([{ type: "Novelty", mesh: "m", name: "x" }]);
    assert.deepEqual(fake.writes, []);
  });
});

describe("kuma/zone/ownership: originalKey", () => {
  const named = (labels?: Record<string, string>, type = "MeshTimeout") =>
    originalKey({ type, mesh: "m", name: "n", labels }).name;
  const display = { "kuma.io/display-name": "own" };
  const namespace = { "k8s.kuma.io/namespace": "shop" };

  it("is the name before the hash, with the namespace where a zone owns it", () => {
    assert.equal(named(), "n");
    assert.equal(named(display), "own");
    assert.equal(named({ ...display, ...namespace }), "own");
    assert.equal(named({ ...display, ...namespace, "kuma.io/origin": "global" }), "own");
    assert.equal(named({ ...display, ...namespace, "kuma.io/origin": "zone" }), "own.shop");
    assert.equal(named({ ...namespace, "kuma.io/origin": "zone" }), "n.shop");
    assert.equal(named({ ...display, "kuma.io/origin": "zone" }), "own");
  });

  it("is the name itself where KDS adds no hash", () => {
    for (const type of ["Mesh", "Secret", "GlobalSecret"])
      assert.equal(named({ ...display, ...namespace, "kuma.io/origin": "zone" }, type), "n");
  });
});
