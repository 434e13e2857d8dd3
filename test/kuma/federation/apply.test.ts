import * as assert from "node:assert/strict";
import {
  ControlPlane,
  Plan,
  PutOptions,
  ResourceType,
  Resource,
  applyPlan,
  assertComplete,
  countByType,
  isWrite,
  keyOf,
  planFederation,
  readBack,
  readGlobal,
  settledReadBack,
} from "../../../kuma";
import { cleanUp } from "../../support/cleanUp";
import { passDeadline } from "../../support/clock";
import { kumaErrorOf } from "../../support/errors";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { typesByName } from "../../support/resources/types";

const globalSecret = (name: string): Resource => ({ type: "GlobalSecret", name, data: "Y2FuYXJ5" });
const route = (name: string): Resource => ({ type: "TrafficRoute", mesh: "m", name, conf: {} });

/** In an order that is not the one of writing. */
const RESOURCES: Resource[] = [
  globalSecret("user-token-signing-key-2"),
  globalSecret("admin-user-token"),
  route("r-1"),
  globalSecret("user-token-signing-key-1"),
  globalSecret("zone-token-signing-key-1"),
  { type: "Secret", mesh: "m", name: "ca", data: "eA==" },
  route("r-2"),
  { type: "Mesh", name: "m" },
  { type: "Mesh", name: "n" },
  { type: "MeshMultiZoneService", mesh: "m", name: "s", spec: {} },
];
const STAGES = [
  ["PUT /meshes/m", "PUT /meshes/n"],
  ["PUT /globalsecrets/zone-token-signing-key-1", "PUT /meshes/m/secrets/ca"],
  [
    "PUT /meshes/m/meshmultizoneservices/s",
    "PUT /meshes/m/traffic-routes/r-1",
    "PUT /meshes/m/traffic-routes/r-2",
  ],
  ["PUT /globalsecrets/admin-user-token"],
  ["PUT /globalsecrets/user-token-signing-key-1", "PUT /globalsecrets/user-token-signing-key-2"],
];

function planOf(resources: readonly Resource[], existing: ReadonlyMap<string, Resource> = new Map()): Plan {
  return planFederation(resources, existing, { onConflict: "overwrite", zones: [] });
}

describe("kuma/federation/apply", () => {
  let fake: FakeControlPlane;
  beforeEach(async () => (fake = await FakeControlPlane.start()));
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

  const apply = (plan: Plan, options = {}) =>
    applyPlan(plan, clientOf(fake, { title: "the global control plane", ...options }), typesByName);

  it("writes meshes, secrets, the rest, the admin token and the signing keys, each when those before are done", async () => {
    fake.fail("PUT ", { delayMs: 10 }, 99);
    await apply(planOf(RESOURCES));
    let from = 0;
    for (const stage of STAGES) {
      assert.deepEqual(fake.writes.slice(from, from + stage.length).sort(), stage);
      from += stage.length;
    }
    assert.equal(fake.writes.length, from);
    assert.equal(fake.asked.length, from);
  });

  it("does not begin a stage while one of those before is on its way", async () => {
    fake.fail("PUT /meshes/n", { delayMs: 200 });
    const order: string[] = [];
    fake.fail(({ path }) => {
      order.push(`${path} ${fake.store.has("Mesh n")}`);
      return false;
    }, {});
    await apply(planOf([{ type: "Mesh", name: "m" }, { type: "Mesh", name: "n" }, route("r")]));
    assert.equal(order.at(-1), "/meshes/m/traffic-routes/r true");
  });

  it("says what was created and what was replaced, and tells progress", async () => {
    fake.add(route("r-1"));
    const existing = new Map([[keyOf(route("r-1")), { ...route("r-1"), conf: { other: true } }]]);
    const steps: number[][] = [];
    const client = clientOf(fake);
    const result = await applyPlan(
      planOf([route("r-1"), route("r-2")], existing),
      client,
      typesByName,
      (...step) => steps.push(step),
    );
    assert.deepEqual(result, { created: ["TrafficRoute m/r-2"], updated: ["TrafficRoute m/r-1"] });
    assert.deepEqual(steps, [
      [1, 2],
      [2, 2],
    ]);
  });

  it("writes nothing of what is the same, kept or in conflict", async () => {
    const other = { ...route("r-1"), conf: { other: true } };
    const existing = new Map([[keyOf(other), other]]);
    for (const onConflict of ["keepGlobal", "fail"] as const)
      await apply(planFederation([route("r-1")], existing, { onConflict, zones: [] }));
    await apply(planOf([other], existing));
    assert.deepEqual(fake.asked, []);
  });

  it("finishes the stage of a refused resource, begins no later one, and names it", async () => {
    const body = JSON.stringify({
      title: "Resource is not valid",
      invalid_parameters: [{ field: "conf", reason: "wrong" }],
    });
    fake.fail("PUT /meshes/m/traffic-routes/r-1", { status: 400, body });
    const { code, message } = await kumaErrorOf(apply(planOf(RESOURCES)));
    assert.equal(code, "refused");
    assert.equal(
      message,
      "6 of 10 resources were written to the global control plane; the zone was not switched. " +
        `The global control plane (${fake.url}) refuses TrafficRoute m/r-1 with status 400 (Resource is not valid; conf: wrong). ` +
        "Run it again once that is fixed: it goes on from what is there.",
    );
    assert.deepEqual([...fake.writes].sort(), STAGES.slice(0, 3).flat().sort());
    assert.equal(fake.store.size, 6);
  });

  it("names every resource that was refused, twenty at the most", async () => {
    fake.fail("PUT ", { status: 405, body: "" }, 99);
    const routes = Array.from({ length: 22 }, (_, i) => route(`r-${i}`));
    const { message } = await kumaErrorOf(apply(planOf(routes)));
    assert.match(
      message,
      /^0 of 22 resources were written to the global control plane; the zone was not switched\. /,
    );
    assert.equal(message.split("refuses TrafficRoute m/r-").length - 1, 20);
    assert.match(message, / And 2 more\. Run it again once that is fixed: it goes on from what is there\.$/);
    assert.equal(fake.requests.length, 22);
  });

  it("names a type that the global does not know", async () => {
    const novelty = { type: "MeshNovelty", mesh: "m", name: "n" };
    assert.deepEqual(await kumaErrorOf(apply(planOf([novelty, route("r")]))), {
      code: "refused",
      message:
        "1 of 2 resources were written to the global control plane; the zone was not switched. " +
        "MeshNovelty m/n: the global control plane does not know the type MeshNovelty. Is it older than the other side, or another product? " +
        "Run it again once that is fixed: it goes on from what is there.",
    });
  });

  describe("stops when going on is of no use", () => {
    const routes = Array.from({ length: 60 }, (_, i) => route(`r-${i}`));

    it("the token is refused", async () => {
      fake.fail("PUT ", { status: 401, body: "" }, Infinity);
      const error = await kumaErrorOf(apply(planOf(routes), { concurrency: 2 }));
      assert.equal(error.code, "unauthenticated");
      assert.match(
        error.message,
        /^0 of 60 resources were written .*TrafficRoute m\/r-0\. Give an admin token/,
      );
      assert.ok(fake.requests.length <= 6, `${fake.requests.length} requests were sent`);
    });

    it("the connection is cut at every attempt", async () => {
      fake.fail("PUT ", { ending: "cut" }, Infinity);
      const error = await kumaErrorOf(apply(planOf(routes), { concurrency: 2, attempts: 1 }));
      assert.equal(error.code, "unreachable");
      assert.ok(fake.requests.length <= 6, `${fake.requests.length} requests were sent`);
    });

    it("with one message, however many requests failed", async () => {
      fake.fail("PUT ", { status: 401, body: "" }, Infinity);
      const { message } = await kumaErrorOf(apply(planOf(routes)));
      assert.equal(message.split("does not accept the token").length - 1, 1);
    });
  });

  it("never holds the content of a resource in a message", async () => {
    for (const status of [400, 401, 500]) {
      fake.fail("PUT ", { status, body: '{"data": "Y2FuYXJ5"}' }, 1);
      const { message } = await kumaErrorOf(apply(planOf([globalSecret("s")]), { attempts: 1 }));
      assert.ok(!message.includes("Y2FuYXJ5"), message);
    }
  });

  for (let survivors = 0; survivors < RESOURCES.length; survivors++) {
    it(`goes on from what is there after a stop behind write ${survivors}`, async () => {
      const client = clientOf(fake, { concurrency: 1, attempts: 1 });
      let puts = 0;
      fake.fail(({ method }) => method === "PUT" && ++puts > survivors, { ending: "cut" }, Infinity);
      assert.equal(
        (await kumaErrorOf(applyPlan(planOf(RESOURCES), client, typesByName))).code,
        "unreachable",
      );
      assert.equal(fake.store.size, survivors);

      const again = await FakeControlPlane.start({ resources: [...fake.store.values()] });
      const global = clientOf(again);
      const types = RESOURCES.map(({ type }) => type);
      const { existing } = await readGlobal(global, types);
      const plan = planOf(RESOURCES, existing);
      assert.equal(plan.resources.filter(isWrite).length, RESOURCES.length - survivors);
      await applyPlan(plan, global, typesByName);
      assert.equal(again.writes.length, RESOURCES.length - survivors);
      assert.deepEqual(await readBack(RESOURCES, global), { missing: [], different: [] });
    });
  }

  describe("readBack", () => {
    it("names what is missing and what differs, and reads each list once", async () => {
      fake.add(
        route("r-1"),
        { ...route("r-2"), conf: { other: 1 } },
        { ...globalSecret("s"), creationTime: "now" },
      );
      const expected = [
        route("r-1"),
        route("r-2"),
        route("r-3"),
        globalSecret("s"),
        { type: "Mesh", name: "m" },
      ];
      assert.deepEqual(await readBack(expected, clientOf(fake)), {
        missing: ["TrafficRoute m/r-3", "Mesh m"],
        different: ["TrafficRoute m/r-2"],
      });
      assert.deepEqual([...fake.asked].sort(), [
        "GET /_resources",
        "GET /globalsecrets?size=1000",
        "GET /meshes?size=1000",
        "GET /traffic-routes?size=1000",
      ]);
    });

    it("counts a type that the global does not know as missing", async () => {
      const novelty = { type: "MeshNovelty", mesh: "m", name: "n" };
      assert.deepEqual(await readBack([novelty], clientOf(fake)), {
        missing: ["MeshNovelty m/n"],
        different: [],
      });
    });
  });

  describe("assertComplete", () => {
    it("lets through what is complete", () => assertComplete({ missing: [], different: [] }, "zone-1"));

    it("names what is missing or differs", async () => {
      const check = { missing: ["Mesh m", "Secret m/s"], different: ["TrafficRoute m/r"] };
      assert.deepEqual(await kumaErrorOf(() => assertComplete(check, "zone-1")), {
        code: "gate",
        message:
          "Zone zone-1 was not switched, as the global control plane does not hold what the zone has: " +
          "Mesh m is missing, Secret m/s is missing, TrafficRoute m/r differs. " +
          "Is someone else changing it? Run it again to write what is missing.",
      });
    });

    it("names twenty at the most", async () => {
      const missing = Array.from({ length: 25 }, (_, i) => `Mesh m-${i}`);
      const { message } = await kumaErrorOf(() => assertComplete({ missing, different: [] }, "z"));
      assert.match(message, /Mesh m-19 is missing and 5 more\. Is someone/);
    });
  });

  it("takes over what others manage only where the plan says so", async () => {
    const told: [string, boolean | undefined][] = [];
    class Watched extends ControlPlane {
      override put(type: ResourceType, resource: Resource, options?: PutOptions): Promise<void> {
        told.push([keyOf(resource), options?.overwrite]);
        return super.put(type, resource);
      }
    }
    const fake = await FakeControlPlane.start();
    const watched = new Watched({ title: "the global", url: fake.url });
    const existing = new Map([[keyOf(route("r-1")), { ...route("r-1"), conf: 1 }]]);
    await applyPlan(planOf([route("r-1"), route("r-2")], existing), watched, typesByName);
    watched.close();
    assert.deepEqual(told.sort(), [
      ["TrafficRoute m/r-1", true],
      ["TrafficRoute m/r-2", false],
    ]);
  });

  it("counts a mesh once that is written before its secrets and after them", async () => {
    const backends = [
      { name: "ca", type: "provided", conf: { cert: { secret: "c" }, key: { secret: "k" } } },
    ];
    const mesh: Resource = { type: "Mesh", name: "m", mtls: { enabledBackend: "ca", backends } };
    const fake = await FakeControlPlane.start();
    const progress: string[] = [];
    const tell = (done: number, total: number) => void progress.push(`${done}/${total}`);
    const result = await applyPlan(planOf([mesh]), clientOf(fake), typesByName, tell);
    assert.deepEqual([result, progress], [{ created: ["Mesh m"], updated: [] }, ["1/1"]]);
    assert.equal(fake.writes.length, 2);
  });

  it("does not take a fault of its own for a refusal", async () => {
    class Broken extends ControlPlane {
      override put(): Promise<void> {
        return Promise.reject(new TypeError("a fault"));
      }
    }
    const broken = new Broken({ title: "the global", url: "http://127.0.0.1:1" });
    await assert.rejects(applyPlan(planOf([route("r-1")]), broken, typesByName), TypeError);
    broken.close();
  });

  describe("settledReadBack", () => {
    const wanted = [route("r-1"), route("r-2")];

    it("waits until all of it is there with its content", async () => {
      const fake = await FakeControlPlane.start({ resources: [route("r-1"), { ...route("r-2"), conf: 1 }] });
      const list = "GET /traffic-routes";
      const page = (...items: Resource[]) => ({ page: () => ({ total: items.length, items, next: null }) });
      // one is missing and one differs: neither makes up for the other
      fake.fail(list, page({ ...route("r-1"), conf: 1 }));
      fake.fail(list, page(...wanted));
      assert.deepEqual(await settledReadBack(wanted, clientOf(fake)), { missing: [], different: [] });
      assert.equal(fake.asked.filter((line) => line.startsWith(list)).length, 2);
    });

    it("looks once where it is there, and gives what is not when that takes too long", async () => {
      const fake = await FakeControlPlane.start({ resources: wanted });
      await settledReadBack(wanted, clientOf(fake));
      assert.equal(fake.asked.filter((line) => line.startsWith("GET /traffic-routes")).length, 1);
      fake.store.delete("TrafficRoute m/r-2");
      fake.requests.length = 0;
      const work = settledReadBack(wanted, clientOf(fake));
      await passDeadline(fake, 11_000);
      assert.deepEqual(await work, { missing: ["TrafficRoute m/r-2"], different: [] });
    });
  });

  it("countByType counts and sorts", () => {
    const keys = ["TrafficRoute m/a", "Mesh m", "TrafficRoute n/a b/c"];
    assert.deepEqual(Object.entries(countByType(keys)), [
      ["Mesh", 1],
      ["TrafficRoute", 2],
    ]);
  });
});
