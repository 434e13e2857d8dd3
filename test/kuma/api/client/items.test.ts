import * as assert from "node:assert/strict";
import { FALLBACK_TYPES, Resource, itemPath } from "../../../../kuma";
import { kumaErrorOf } from "../../../support/errors";
import { FakeControlPlane, clientOf, stopFakes } from "../../../support/controlPlane/fakeControlPlane";
import { typeNamed } from "../../../support/resources/types";

const SECRET = typeNamed("Secret");
const GLOBAL_SECRET = typeNamed("GlobalSecret");

describe("kuma/api/client: single resources", () => {
  let fake: FakeControlPlane;
  beforeEach(async () => (fake = await FakeControlPlane.start()));
  afterEach(stopFakes);

  it("writes, reads and deletes a resource of a mesh", async () => {
    const client = clientOf(fake);
    const secret: Resource = { type: "Secret", mesh: "m-1", name: "key", data: "Y2FuYXJ5" };
    assert.equal(await client.get(SECRET, secret), undefined);
    await client.put(SECRET, secret);
    assert.deepEqual(await client.get(SECRET, secret), secret);
    await client.put(SECRET, { ...secret, data: "b3RoZXI=" });
    await client.delete(SECRET, secret);
    assert.deepEqual(fake.store.size, 0);
    assert.deepEqual(
      fake.asked,
      ["GET", "PUT", "GET", "PUT", "DELETE"].map((method) => `${method} /meshes/m-1/secrets/key`),
    );
  });

  it("writes a resource that belongs to no mesh", async () => {
    await clientOf(fake).put(GLOBAL_SECRET, { type: "GlobalSecret", name: "key" });
    assert.deepEqual(fake.asked, ["PUT /globalsecrets/key"]);
  });

  it("takes deleting what is not there as done", async () => {
    await clientOf(fake).delete(SECRET, { type: "Secret", mesh: "m", name: "none" });
    assert.deepEqual(fake.asked, ["DELETE /meshes/m/secrets/none"]);
  });

  it("encodes names, so that none leaves its place in the address", () => {
    const path = (mesh: string, name: string) => itemPath(SECRET, { type: "Secret", mesh, name });
    assert.equal(path("default", "a/b?c#d%e f"), "/meshes/default/secrets/a%2Fb%3Fc%23d%25e%20f");
    assert.equal(path("größe", "日本.x"), "/meshes/gr%C3%B6%C3%9Fe/secrets/%E6%97%A5%E6%9C%AC.x");
    assert.equal(itemPath(SECRET, { type: "Secret", name: "x" }), "/meshes/default/secrets/x");
    assert.equal(itemPath(GLOBAL_SECRET, { type: "GlobalSecret", name: "a/b" }), "/globalsecrets/a%2Fb");
  });

  // a URL that is built of parts folds them: DELETE /meshes/default/meshtimeouts/.. deletes what lies above
  for (const name of ["", ".", "..", "\ud800"]) {
    it(`sends nothing for the name ${JSON.stringify(name)}, or in a mesh that is called so`, async () => {
      const client = clientOf(fake);
      for (const key of [
        { type: "Secret", mesh: "default", name },
        { type: "Secret", mesh: name, name: "s" },
      ]) {
        for (const work of [
          () => client.get(SECRET, key),
          () => client.put(SECRET, key),
          () => client.delete(SECRET, key),
        ])
          assert.equal((await kumaErrorOf(work)).code, "invalid");
      }
      assert.deepEqual(fake.requests, []);
    });
  }

  for (const path of ["/meshes/m/../..", "/a/./b", "/a//b", "/a/%2e%2E/b", "/a\\..\\b", "/.."]) {
    it(`sends nothing to the path ${path}, which leads to another one`, async () => {
      const { code, message } = await kumaErrorOf(clientOf(fake).getJson(path, "it"));
      assert.deepEqual(
        [code, message],
        ["invalid", `The path ${path} leads to another one. Nothing was sent.`],
      );
      assert.deepEqual(fake.requests, []);
    });
  }

  const others: Record<string, object> = {
    "of another name": { type: "Secret", mesh: "m", name: "other" },
    "of another type": { type: "Mesh", mesh: "m", name: "s" },
    "of another mesh": { type: "Secret", mesh: "other", name: "s" },
    "without a mesh": { type: "Secret", name: "s" },
  };
  for (const [what, body] of Object.entries(others)) {
    it(`takes no resource ${what} for the one that was asked for`, async () => {
      fake.fail("GET /meshes/m/secrets/s", { body: JSON.stringify(body) });
      const work = clientOf(fake).get(SECRET, { type: "Secret", mesh: "m", name: "s" });
      assert.equal((await kumaErrorOf(work)).code, "notKuma");
    });
  }

  const type = { name: "Mesh", scope: "Global", path: "meshes", readOnly: false, includeInFederation: true };
  const strangeTypes: Record<string, unknown[]> = {
    "no object": [null],
    "a name with a slash": [{ ...type, name: "../x" }],
    "a path that leads elsewhere": [{ ...type, name: "Mine", path: "../meshes" }],
    "a path of two segments": [{ ...type, name: "Mine", path: "meshes/default" }],
    "a path with a query": [{ ...type, name: "Mine", path: "mine?x" }],
    "an unknown scope": [{ ...type, scope: "Zone" }],
    "a policy that is served where meshes are": [{ ...type, name: "MeshTimeout", path: "meshes" }],
    "a mesh that is a policy": [{ ...type, policy: { isTargetRef: true } }],
    "secrets elsewhere": [{ ...type, name: "Secret", scope: "Mesh", path: "meshtimeouts" }],
    "one type twice": [type, type],
    "more than there can be": Array.from({ length: 1001 }, (_, i) => ({
      ...type,
      name: `T${i}`,
      path: `t${i}`,
    })),
  };
  for (const [what, resources] of Object.entries(strangeTypes)) {
    it(`refuses a list of types with ${what}`, async () => {
      fake.fail("GET /_resources", { body: JSON.stringify({ resources }) });
      const { code, message } = await kumaErrorOf(clientOf(fake).resourceTypes());
      assert.equal(code, "notKuma");
      assert.match(
        message,
        /^The control plane at \S+ gives an answer to \/_resources that is not one of a Kuma/,
      );
    });
  }

  it("finds a resource whose name needs encoding", async () => {
    const secret: Resource = { type: "Secret", mesh: "default", name: "a/b ü", data: "eA==" };
    await clientOf(fake).put(SECRET, secret);
    assert.deepEqual([...fake.store.keys()], ["Secret default/a/b ü"]);
    assert.deepEqual(await clientOf(fake).get(SECRET, secret), secret);
  });

  it("keeps the path of the address, with and without a slash at its end", async () => {
    const behindProxy = await FakeControlPlane.start({ basePath: "/x/api" });
    for (const end of ["", "/"]) {
      const client = clientOf(behindProxy, { url: behindProxy.url + end });
      assert.equal((await client.info()).product, "Kuma");
      await client.put(SECRET, { type: "Secret", mesh: "m", name: "s" });
      await client.list(SECRET);
    }
    assert.deepEqual(behindProxy.asked.slice(0, 3), [
      "GET /x/api/",
      "PUT /x/api/meshes/m/secrets/s",
      "GET /x/api/secrets?size=1000",
    ]);
    assert.deepEqual(behindProxy.asked.slice(3), behindProxy.asked.slice(0, 3));
  });

  it("stays on its host when the address ends in two slashes", async () => {
    const client = clientOf(fake, { url: `${fake.url}//`, tokens: ["canary-token"], attempts: 1 });
    await client.config().catch(() => {});
    assert.equal(fake.requests.length, 1);
  });

  it("reads the configuration of a zone that runs alone", async () => {
    fake.config = {
      mode: "zone",
      environment: "universal",
      store: { type: "memory" },
      multizone: { zone: { name: "zone-1", globalAddress: "" } },
    };
    assert.deepEqual(await clientOf(fake).config(), {
      mode: "zone",
      environment: "universal",
      zoneName: "zone-1",
      globalAddress: undefined,
      readOnly: false,
      storeType: "memory",
      database: undefined,
    });
  });

  it("reads on which database a control plane is", async () => {
    const postgres = { host: "db", port: 5433, user: "kuma", password: "*****", dbName: "zone" };
    fake.config = { mode: "zone", store: { type: "postgres", postgres } };
    const { storeType, database } = await clientOf(fake).config();
    assert.equal(storeType, "postgres");
    assert.deepEqual(database, { host: "db", port: 5433, name: "zone" });
    // every control plane tells these settings, with their defaults
    fake.config = { mode: "zone", store: { type: "memory", postgres } };
    assert.equal((await clientOf(fake).config()).database, undefined);
  });

  it("takes a standalone control plane of 2.5 for a zone", async () => {
    fake.config = { mode: "standalone" };
    assert.deepEqual(await clientOf(fake).config(), {
      mode: "zone",
      environment: "universal",
      zoneName: undefined,
      globalAddress: undefined,
      readOnly: false,
      storeType: undefined,
      database: undefined,
    });
  });

  it("reads the types that the control plane knows", async () => {
    assert.deepEqual(await clientOf(fake).resourceTypes(), fake.types);
  });

  it("falls back to its own table where /_resources is not found", async () => {
    fake.fail("GET /_resources", { status: 404, body: "404 page not found" });
    assert.equal(await clientOf(fake).resourceTypes(), FALLBACK_TYPES);
  });

  it("does not fall back on any other failure", async () => {
    fake.fail("GET /_resources", { status: 403, body: "" });
    assert.equal((await kumaErrorOf(clientOf(fake).resourceTypes())).code, "forbidden");
    fake.fail("GET /_resources", { body: "{}" });
    assert.equal((await kumaErrorOf(clientOf(fake).resourceTypes())).code, "notKuma");
  });
});
