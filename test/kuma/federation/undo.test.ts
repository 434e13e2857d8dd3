import * as assert from "node:assert/strict";
import {
  ControlPlane,
  Manifest,
  PutOptions,
  Resource,
  ResourceKey,
  ResourceType,
  isSecret,
  keyOf,
  manifestOf,
  planFederation,
  recordOf,
  removeFromGlobal,
} from "../../../kuma";
import { kumaErrorOf } from "../../support/errors";
import {
  FakeControlPlane,
  SeenRequest,
  clientOf,
  stopFakes,
} from "../../support/controlPlane/fakeControlPlane";
import { DEADLINE_MS, until } from "../../support/until";
import { mesh, authority, route, license, ALL, OF_OTHERS, zone } from "./undoFixtures";

describe("kuma/federation/undo", () => {
  let global: FakeControlPlane;
  beforeEach(async () => (global = await FakeControlPlane.start({ resources: [...ALL, OF_OTHERS] })));
  afterEach(stopFakes);

  const remove = (
    added: Manifest = manifestOf(ALL),
    zonesBefore: Record<string, string> = {},
    deadlineMs = DEADLINE_MS,
  ) => removeFromGlobal(clientOf(global), "z", { added, zonesBefore }, deadlineMs);

  it("removes it: policies, secrets of an emptied mesh, meshes; and not what the global checks tokens with", async () => {
    const { removed, left } = await remove();
    const at = (write: string) => global.writes.indexOf(write);
    assert.equal(at("DELETE /meshes/m"), global.writes.length - 1);
    assert.ok(at("PUT /meshes/m") < at("DELETE /meshes/m/secrets/m.ca-builtin-cert-ca-1"));
    assert.deepEqual(JSON.parse(global.requests.find(({ method }) => method === "PUT")?.body ?? ""), {
      type: "Mesh",
      name: "m",
      skipCreatingInitialPolicies: ["*"],
    });
    assert.deepEqual([...global.store.keys()].sort(), [
      "GlobalSecret user-token-signing-key-2",
      "Mesh of-others",
    ]);
    assert.equal(removed.length, 5);
    assert.deepEqual(left, [
      { keys: ["GlobalSecret user-token-signing-key-2"], reason: "the global checks its tokens with it" },
    ]);
  });

  it("does nothing the second time", async () => {
    await remove();
    const { length } = global.writes;
    assert.deepEqual((await remove()).removed, []);
    assert.equal(global.writes.length, length);
  });

  it("goes on where an earlier run emptied a mesh", async () => {
    global.add({ type: "Mesh", name: "m", skipCreatingInitialPolicies: ["*"] });
    await remove();
    assert.ok(!global.store.has("Mesh m"));
  });

  it("removes nothing that was there before", async () => {
    const { removed } = await remove(manifestOf([license]));
    assert.deepEqual(removed, ["GlobalSecret license"]);
    assert.deepEqual(global.writes, ["DELETE /globalsecrets/license"]);
  });

  it("leaves all of it while a zone is there that joined later", async () => {
    global.add(zone("before", "then"), zone("after"));
    const { removed, left } = await remove(undefined, { before: "then" });
    assert.deepEqual([removed, global.writes], [[], []]);
    const reason = "zone after came later and may use it";
    assert.deepEqual(left, [{ keys: Object.keys(manifestOf(ALL)), reason }]);
  });

  it("leaves all of it while a zone is there that was there before, left, and came again", async () => {
    global.add(zone("before", "now"));
    assert.deepEqual((await remove(undefined, { before: "then" })).removed, []);
  });

  it("does not mind zones that were there before", async () => {
    global.add(zone("before", "then"));
    assert.equal((await remove(undefined, { before: "then" })).removed.length, 5);
  });

  it("leaves all of it while the zone itself is there", async () => {
    for (const subscriptions of [[{ id: "1", connectTime: "now" }], []]) {
      global.overviews.set("z", [{ zoneInsight: { subscriptions } }]);
      const { removed, left } = await remove();
      assert.deepEqual([removed, global.writes], [[], []]);
      assert.equal(left[0].reason, "zone z has not left");
    }
  });

  it("leaves a secret that something names which stays", async () => {
    const certificate: Resource = { type: "Secret", mesh: "of-others", name: "gw-cert", data: "eA==" };
    const tls = { certificates: [{ secret: "gw-cert" }] };
    const gateway: Resource = { type: "MeshTimeout", mesh: "of-others", name: "gw", spec: { tls } };
    global.add(certificate, gateway);
    const { removed, left } = await remove(manifestOf([certificate, license]));
    assert.deepEqual(removed, ["GlobalSecret license"]);
    assert.deepEqual(left, [
      { keys: ["Secret of-others/gw-cert"], reason: "MeshTimeout of-others/gw names it" },
    ]);
  });

  it("removes a secret with what names it, and does not mind its name in another mesh or on its own", async () => {
    const certificate: Resource = { type: "Secret", mesh: "of-others", name: "gw-cert", data: "eA==" };
    const named = (name: string, fields: object): Resource => ({
      type: "MeshTimeout",
      mesh: "of-others",
      name,
      ...fields,
    });
    const own = named("own", { spec: { secret: "gw-cert", nothing: null } });
    const others = [
      { ...named("elsewhere", { spec: { secret: "gw-cert" } }), mesh: "another" },
      named("gw-cert", { spec: { nothing: null } }),
      { ...certificate, name: "second", data: "gw-cert" },
    ];
    global.add(certificate, own, ...others);
    const { removed, left } = await remove(manifestOf([certificate, own]));
    assert.deepEqual([removed.sort(), left], [["MeshTimeout of-others/own", "Secret of-others/gw-cert"], []]);
  });

  it("leaves a key of the mesh that was changed since, and does not follow what it left to the global", async () => {
    const key: Resource = {
      type: "Secret",
      mesh: "m",
      name: "dataplane-token-signing-key-m-1",
      data: "b3RoZXI=",
    };
    global.add({ ...key, creationTime: "then", modificationTime: "later" });
    const { left } = await remove(manifestOf([mesh, authority, route, { ...key, data: "em9uZQ==" }]));
    assert.match(
      left[0].reason,
      /^mesh m is not as it was brought, by Secret m\/dataplane-token-signing-key-m-1/,
    );
    const own = { ...license, data: "eQ==" };
    const plan = planFederation([license], new Map([[keyOf(own), own]]), {
      onConflict: "keepGlobal",
      zones: [],
    });
    const before = { added: manifestOf([own]), zonesBefore: {} };
    assert.deepEqual((await recordOf(plan, undefined, "z", before)).added, before.added);
  });

  describe("in a cluster, where secrets are written before meshes", () => {
    const overwritten: [string, boolean | undefined][] = [];
    class InCluster extends ControlPlane {
      override stageOf(key: ResourceKey): number {
        return isSecret(key) && key.type === "Secret" ? -1 : super.stageOf(key);
      }
      override put(type: ResourceType, resource: Resource, options?: PutOptions): Promise<void> {
        overwritten.push([keyOf(resource), options?.overwrite]);
        return super.put(type, resource);
      }
    }
    let there: ControlPlane;
    beforeEach(() => {
      overwritten.length = 0;
      there = new InCluster({ title: "the global", url: global.url });
    });
    afterEach(() => there.close());
    const removeThere = (added: Manifest) =>
      removeFromGlobal(there, "z", { added, zonesBefore: {} }, DEADLINE_MS);
    const SECRET = "DELETE /meshes/m/secrets/m.ca-builtin-cert-ca-1";

    it("deletes the mesh as it is, and its secrets after it", async () => {
      const { removed } = await removeThere(manifestOf([mesh, authority, route]));
      assert.equal(removed.length, 3);
      assert.deepEqual(global.writes, ["DELETE /meshes/m/traffic-routes/r", "DELETE /meshes/m", SECRET]);
    });

    it("deletes the secrets also of a mesh that is gone", async () => {
      global.store.delete("Mesh m");
      global.store.delete("TrafficRoute m/r");
      assert.deepEqual((await removeThere(manifestOf([mesh, authority]))).removed, [
        "Secret m/m.ca-builtin-cert-ca-1",
      ]);
    });

    it("keeps the secrets of a mesh that is not given up, and writes back what went before it", async () => {
      const isDeletion = ({ method, path }: SeenRequest) => method === "DELETE" && path === "/meshes/m";
      global.fail(isDeletion, { status: 400, body: '{"title":"in use"}' });
      const { removed, left } = await removeThere(manifestOf([mesh, authority, route]));
      assert.deepEqual(removed, []);
      assert.ok(!global.writes.includes(SECRET));
      assert.deepEqual(global.store.get("TrafficRoute m/r"), route);
      assert.deepEqual(overwritten, [
        ["Mesh m", true],
        ["TrafficRoute m/r", true],
      ]);
      assert.ok(
        left.some(
          ({ keys, reason }) =>
            keys.join() === "TrafficRoute m/r" && reason === "mesh m stays, and it was written back",
        ),
      );
    });
  });

  it("empties only a mesh that has an authority, and has a secret", async () => {
    const plain: Resource = { type: "Mesh", name: "m", skipCreatingInitialPolicies: ["*"] };
    global.add(plain);
    await remove(manifestOf([plain, authority, route]));
    assert.ok(!global.writes.some((line) => line.startsWith("PUT")));
    global.add(mesh, route);
    await remove(manifestOf([mesh, route]));
    assert.ok(!global.writes.some((line) => line.startsWith("PUT")));
  });

  it("writes back in the order in which a mesh and what is in it are taken", async () => {
    const isDeletion = ({ method, path }: SeenRequest) => method === "DELETE" && path === "/meshes/m";
    global.fail(isDeletion, { status: 400, body: '{"title":"in use"}' });
    await remove(manifestOf([mesh, authority, route]));
    const puts = global.writes.filter((line) => line.startsWith("PUT"));
    assert.deepEqual(puts, [
      "PUT /meshes/m",
      "PUT /meshes/m/secrets/m.ca-builtin-cert-ca-1",
      "PUT /meshes/m",
      "PUT /meshes/m/traffic-routes/r",
    ]);
  });

  it("leaves secrets of a mesh that is gone: the global does not serve their deletion", async () => {
    global.store.delete("Mesh m");
    global.store.delete("TrafficRoute m/r");
    const { removed, left } = await remove(manifestOf([mesh, authority]));
    assert.deepEqual([removed, global.writes], [[], []]);
    assert.equal(left[0].reason, "mesh m is gone, and the global deletes nothing of it");
  });

  it("takes a key that the global made with the mesh for brought, where the zone's did not come to it", async () => {
    const key = (data: string): Resource => ({
      type: "Secret",
      mesh: "m",
      name: "dataplane-token-signing-key-m-1",
      data,
      creationTime: "then",
      modificationTime: "then",
    });
    global.add(key("b3RoZXI="));
    await remove(manifestOf([mesh, authority, route, key("em9uZQ==")]));
    assert.deepEqual(
      [...global.store.keys()].filter((each) => each.includes(" m")),
      [],
    );
  });

  it("writes a mesh back whose secrets are gone when the global refuses to give it up", async () => {
    const isDeletion = ({ method, path }: SeenRequest) => method === "DELETE" && path === "/meshes/m";
    global.fail(isDeletion, { status: 400, body: '{"title":"in use"}' });
    const { removed, left } = await remove(manifestOf([mesh, authority, route]));
    assert.deepEqual(removed, []);
    assert.deepEqual(global.store.get("Mesh m"), mesh);
    assert.deepEqual(global.store.get("Secret m/m.ca-builtin-cert-ca-1"), authority);
    assert.ok(left.some(({ reason }) => /refuses Mesh m with status 400/.test(reason)));
  });

  it("leaves what was changed on the global", async () => {
    global.add({ ...license, data: "eQ==" });
    const { left } = await remove(manifestOf([license]));
    assert.deepEqual(left, [{ keys: ["GlobalSecret license"], reason: "it was changed on the global" }]);
    assert.deepEqual(global.writes, []);
  });

  const foreign: [string, Resource][] = [
    ["a policy of the global's", { type: "MeshTimeout", mesh: "m", name: "new", spec: {} }],
    ["a proxy", { type: "Dataplane", mesh: "m", name: "p", networking: {} }],
    ["a policy that was changed", { ...route, conf: { changed: true } }],
    ["another secret", { type: "Secret", mesh: "m", name: "new", data: "eA==" }],
    ["a mesh that was changed", { ...mesh, routing: { localityAwareLoadBalancing: true } }],
  ];
  for (const [what, resource] of foreign) {
    it(`leaves a mesh with all that is in it where there is ${what}`, async () => {
      global.add(resource);
      const key = `${resource.type} ${resource.mesh === undefined ? "" : `${resource.mesh}/`}${resource.name}`;
      const { left } = await remove(manifestOf([mesh, authority, route, license]));
      assert.equal(left.length, 1);
      assert.deepEqual([...left[0].keys].sort(), [
        "Mesh m",
        "Secret m/m.ca-builtin-cert-ca-1",
        "TrafficRoute m/r",
      ]);
      assert.equal(left[0].reason, `mesh m is not as it was brought, by ${key}`);
      assert.deepEqual(global.writes, ["DELETE /globalsecrets/license"]);
    });
  }

  it("waits for the copies of what the zone owned to go", async () => {
    const labels = { "kuma.io/origin": "zone", "kuma.io/zone": "z" };
    global.add({ type: "Dataplane", mesh: "m", name: "copy", labels, networking: {} });
    const removing = remove();
    await until("a look at the copies", () =>
      global.asked.some((line) => line.startsWith("GET /dataplanes")),
    );
    global.store.delete("Dataplane m/copy");
    assert.equal((await removing).removed.length, 5);
  });

  it("leaves what the global refuses to give up, with its reason, and goes on", async () => {
    global.fail("DELETE /globalsecrets/license", { status: 400, body: '{"title":"in use"}' });
    const { left, removed } = await remove(manifestOf([license, route]));
    assert.deepEqual(removed, ["TrafficRoute m/r"]);
    assert.deepEqual(
      left.map(({ keys }) => keys),
      [["GlobalSecret license"]],
    );
    assert.match(
      left[0].reason,
      /refuses GlobalSecret license with status 400 \(what it says about a secret is not shown\)\.$/,
    );
  });

  it("leaves a mesh whose emptying is refused, with its secrets", async () => {
    global.fail("PUT /meshes/m", { status: 400, body: '{"title":"no"}' });
    const { left } = await remove(manifestOf([mesh, authority, route]));
    assert.match(left[0].reason, /refuses Mesh m with status 400/);
    assert.deepEqual(global.writes, ["PUT /meshes/m"]);
  });

  it("says so when something that was deleted is still there", async () => {
    global.fail("DELETE /globalsecrets/license", { status: 200, body: "{}" });
    const error = await kumaErrorOf(remove(manifestOf([license]), {}, 200));
    assert.equal(error.code, "gate");
    assert.match(
      error.message,
      /^GlobalSecret license was deleted on the global and is still there after 0\.2 s\./,
    );
  });

  it("fails where the global fails", async () => {
    global.fail("DELETE /globalsecrets/license", { status: 403, body: "{}" }, 9);
    assert.equal((await kumaErrorOf(remove(manifestOf([license])))).code, "forbidden");
  });
});
