import * as assert from "node:assert/strict";
import { kumaErrorOf } from "../../../support/errors";
import { FakeControlPlane, clientOf, stopFakes } from "../../../support/controlPlane/fakeControlPlane";
import { typeNamed } from "../../../support/resources/types";

const TIMEOUT = typeNamed("MeshTimeout");
const HOSTED = "/v1/mesh/control-planes/bf138ba2-c9b1-4229-b268-04d9d8a6410b/api";

describe("kuma/api/client: who may ask, and what it says to those who may not", () => {
  let fake: FakeControlPlane;
  beforeEach(async () => (fake = await FakeControlPlane.start()));
  afterEach(stopFakes);

  const used = () => fake.requests.map(({ headers }) => headers.authorization);
  const refuse = (token: string, status = 401) =>
    fake.fail(({ headers }) => headers.authorization === `Bearer ${token}`, { status, body: "" }, Infinity);

  it("tries a token that is offered after those at hand, and keeps each once", async () => {
    refuse("own");
    const client = clientOf(fake, { tokens: ["own"] });
    client.offerToken("the-zones");
    client.offerToken("own");
    client.offerToken("the-zones");
    assert.deepEqual(client.tokensAtHand, ["own", "the-zones"]);
    await client.config();
    assert.deepEqual(used(), ["Bearer own", "Bearer the-zones"]);
    assert.deepEqual(client.tokensAtHand, ["the-zones", "own"]);
    assert.equal(client.acceptedToken, "the-zones");
  });

  it("has no token at hand where none was given", () => {
    const client = clientOf(fake, { tokens: [""] });
    assert.deepEqual([client.tokensAtHand, client.acceptedToken], [[], undefined]);
  });

  it("takes no token of a zone to Konnect, and writes one by one there", () => {
    const client = clientOf(fake, { url: fake.url + HOSTED, tokens: ["of-konnect"] });
    client.offerToken("the-zones");
    assert.deepEqual(client.tokensAtHand, ["of-konnect"]);
    assert.equal(client.concurrency, 1);
    assert.equal(clientOf(fake, { concurrency: 7 }).concurrency, 7);
  });

  it("asks Konnect for its index without a slash at the end, and for nothing else", async () => {
    const konnect = await FakeControlPlane.start();
    konnect.documents.set(HOSTED, { product: "Kong Mesh", version: "2.14.3" });
    konnect.documents.set(`${HOSTED}/config`, { mode: "global" });
    const client = clientOf(konnect, { url: konnect.url + HOSTED });
    assert.equal((await client.info()).product, "Kong Mesh");
    await client.config();
    assert.deepEqual(konnect.asked, [`GET ${HOSTED}`, `GET ${HOSTED}/config`]);
  });

  const admins: [what: string, document: unknown, isOpen: boolean][] = [
    ["an admin", { name: "x", groups: ["mesh-system:authenticated", "mesh-system:admin"] }, true],
    ["somebody else", { name: "x", groups: ["mesh-system:authenticated"] }, false],
    ["what it does not tell", { name: "x", groups: "mesh-system:admin" }, false],
  ];
  for (const [whom, document, isOpen] of admins) {
    it(`is ${isOpen ? "" : "not "}open where it takes a caller without a token for ${whom}`, async () => {
      fake.documents.set("/who-am-i", document);
      assert.equal(await clientOf(fake, { tokens: ["own"] }).isOpen(), isOpen);
      assert.deepEqual([fake.asked, used()], [["GET /who-am-i"], [undefined]]);
    });
  }

  it("is not open where the caller without a token is refused, whatever the answer says", async () => {
    for (const body of ['{"groups": ["mesh-system:admin"]}', "no JSON"]) {
      fake.fail("GET /who-am-i", { status: 401, body });
      assert.equal(await clientOf(fake).isOpen(), false);
    }
  });

  it("tells product and version also to a caller whose token it refuses", async () => {
    for (const status of [401, 403]) {
      refuse(`old-${status}`, status);
      assert.equal((await clientOf(fake, { tokens: [`old-${status}`] }).info()).version, "2.14.3");
    }
    assert.deepEqual(used(), ["Bearer old-401", undefined, "Bearer old-403", undefined]);
    assert.deepEqual(new Set(fake.asked), new Set(["GET /"]));
  });

  for (const [status, code] of [
    [401, "unauthenticated"],
    [403, "forbidden"],
    [429, "rateLimited"],
    [500, "server"],
    [503, "server"],
  ] as const) {
    it(`does not take an index that is answered ${status} for another program's`, async () => {
      fake.fail("GET /", { status, body: "" }, Infinity);
      const error = await kumaErrorOf(clientOf(fake, { attempts: 1 }).info());
      assert.equal(error.code, code);
      assert.match(error.message, / its version/);
    });
  }

  it("takes no other answer than 200 for an index, whatever it says", async () => {
    fake.fail("GET /", { status: 404, body: '{"product": "Kuma", "version": "2.14.3"}' });
    assert.equal((await kumaErrorOf(clientOf(fake).info())).code, "notKuma");
  });

  it("says what it was asked for, and why it denies that, unless it is about a secret", async () => {
    const body = JSON.stringify({ title: "Access Denied", detail: "no admin" });
    fake.fail("", { status: 403, body }, Infinity);
    const client = clientOf(fake);
    const denials: [work: Promise<unknown>, what: string][] = [
      [client.config(), "its configuration (Access Denied; no admin)"],
      [client.resourceTypes(), "its resource types (Access Denied; no admin)"],
      [client.getJson("/zones/a/_overview", "zone a"), "zone a (Access Denied; no admin)"],
      [client.list(TIMEOUT), "the list of MeshTimeout (Access Denied; no admin)"],
      [client.list(typeNamed("Secret")), "the list of Secret"],
      [client.post("/tokens/zone", {}, "a token for zone a"), "a token for zone a"],
    ];
    for (const [work, what] of denials) {
      const { message } = await kumaErrorOf(work);
      assert.ok(message.startsWith(`The control plane (${fake.url}) denies access to ${what}`), message);
    }
    const { message } = await kumaErrorOf(client.list(typeNamed("GlobalSecret")));
    assert.doesNotMatch(message, /no admin/);
  });

  it("gives what is issued as it came, and fails on any other answer than 200", async () => {
    fake.fail("POST /tokens/zone", { body: "canary-token" });
    const request = { name: "zone-1" };
    assert.equal(await clientOf(fake).post("/tokens/zone", request, "a token"), "canary-token");
    assert.equal(fake.requests[0].body, JSON.stringify(request));
    fake.fail("POST /tokens/zone", { status: 202, body: "canary-token" });
    const { code, message } = await kumaErrorOf(clientOf(fake).post("/tokens/zone", request, "a token"));
    assert.equal(code, "refused");
    assert.doesNotMatch(message, /canary/);
    fake.fail("POST /tokens/zone", { status: 400, body: JSON.stringify({ title: "canary" }) });
    assert.equal(
      (await kumaErrorOf(clientOf(fake).post("/tokens/zone", request, "a token"))).message,
      `The control plane (${fake.url}) refuses a token with status 400 (what it says about a secret is not shown).`,
    );
  });

  it("gives a document as it is, and takes null for none", async () => {
    fake.documents.set("/zones/a/_overview", { name: "a" });
    assert.deepEqual(await clientOf(fake).getJson("/zones/a/_overview", "zone a"), { name: "a" });
    fake.fail("GET /zones/a", { body: "null" });
    assert.deepEqual(await kumaErrorOf(clientOf(fake).getJson("/zones/a/_overview", "zone a")), {
      code: "notKuma",
      message: `The control plane at ${fake.url} gives an answer to /zones/a/_overview that is not one of a Kuma control plane.`,
    });
  });

  it("sends nothing after it was closed", async () => {
    const client = clientOf(fake);
    client.close();
    assert.equal((await kumaErrorOf(client.config())).code, "cancelled");
    assert.deepEqual(fake.requests, []);
  });

  it("counts what it sent by method, also what it sent without a token", async () => {
    refuse("old");
    const client = clientOf(fake, { tokens: ["old"] });
    await client.info();
    await client.isOpen();
    await client.list(TIMEOUT).catch(() => {});
    assert.deepEqual(client.sent, { GET: 4 });
  });

  it("writes a mesh before what is in it, and is a control plane of no cluster", () => {
    const client = clientOf(fake);
    const [mesh, inMesh] = ["Mesh", "MeshTimeout"].map((type) => client.stageOf({ type, name: "a" }));
    assert.ok(mesh < inMesh);
    assert.equal(client.environment, "universal");
    Object.assign(client, { systemNamespace: "kuma-system" });
    assert.equal(client.environment, "kubernetes");
  });
});
