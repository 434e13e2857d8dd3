import * as assert from "node:assert/strict";
import { ControlPlane, Konnect, hostedApiUrl, isHostedApi, konnectAddresses } from "../../../kuma";
import { cleanUp, later } from "../../support/cleanUp";
import { kumaErrorOf } from "../../support/errors";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { RunningKonnect, startKonnect } from "../../support/controlPlane/standInKonnect";

const HOSTED = "/v1/mesh/control-planes/bf138ba2-c9b1-4229-b268-04d9d8a6410b/api";

describe("kuma/konnect: Konnect's own API", () => {
  let konnect: RunningKonnect;
  beforeEach(async () => (konnect = await startKonnect()));
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

  it("makes a control plane that has no mesh and no hostname generator", async () => {
    const { id, name } = await konnect.client().createControlPlane("my-global");
    assert.equal(name, "my-global");
    const url = hostedApiUrl(konnect.addresses.apiUrl, id);
    const global = new ControlPlane({ title: "the global", url, tokens: [konnect.token] });
    later(() => global.close());
    const types = await global.resourceTypes();
    for (const wanted of ["Mesh", "HostnameGenerator", "Secret"]) {
      const type = types.find((each) => each.name === wanted) ?? assert.fail(wanted);
      assert.deepEqual(await global.list(type), []);
    }
    const { product, version } = await global.info();
    assert.deepEqual([product, version], ["Kong Mesh", "2.14.3"]);
  });

  it("finds control planes by their exact name, and all that share one", async () => {
    const client = konnect.client();
    const [first, second] = [
      await client.createControlPlane("twin"),
      await client.createControlPlane("twin"),
    ];
    await client.createControlPlane("twin-2");
    const found = await client.controlPlanesNamed("twin");
    assert.deepEqual(found.map(({ id }) => id).sort(), [first.id, second.id].sort());
    assert.equal((await client.controlPlane(first.id))?.name, "twin");
    assert.equal(await client.controlPlane("bf138ba2-c9b1-4229-b268-04d9d8a6410b"), undefined);
  });

  it("does not make a second control plane when the answer about the first one gets lost", async () => {
    await konnect.setFaults({ cutRate: 1, cutWhen: "after", times: 1, only: "^POST " });
    const { id } = await konnect.client().createControlPlane("my-global");
    assert.deepEqual(
      (await konnect.client().controlPlanesNamed("my-global")).map((each) => each.id),
      [id],
    );
  });

  it("asks again for one that was never made", async () => {
    await konnect.setFaults({ cutRate: 1, cutWhen: "before", times: 1, only: "^POST " });
    const { id } = await konnect.client().createControlPlane("my-global");
    assert.ok(await konnect.client().controlPlane(id));
  });

  it("uses the account that a request has made whose answer got lost", async () => {
    await konnect.setFaults({ cutRate: 1, cutWhen: "after", times: 1, only: "^POST /v3/system-accounts$" });
    const { id } = await konnect.client().createSystemAccount("a", "for a test");
    assert.equal((await konnect.client().systemAccountNamed("a"))?.id, id);
  });

  it("counts what is not there as deleted, and a role that is assigned as done", async () => {
    const client = konnect.client();
    const account = await client.createSystemAccount("a", "for a test");
    const controlPlane = await client.createControlPlane("g");
    await client.assignConnector(account.id, controlPlane.id);
    await client.assignConnector(account.id, controlPlane.id);
    const roles = await client.assignedRoles(account.id);
    assert.deepEqual(
      roles?.map((role) => [role.role_name, role.entity_type_name, role.entity_id, role.entity_region]),
      [["Connector", "Mesh Control Planes", controlPlane.id, "eu"]],
    );
    for (let times = 0; times < 2; times++) {
      await client.deleteAccessToken(account.id, "none");
      await client.deleteSystemAccount(account.id);
      await client.deleteControlPlane(controlPlane.id);
    }
    assert.equal(await client.accessTokens(account.id), undefined);
  });

  it("says that a token has ended", async () => {
    const ended = await konnect.tokenWith(["Admin"], { expiresAt: "2020-01-01T00:00:00Z" });
    const { code, message } = await kumaErrorOf(konnect.client(ended).controlPlanesNamed("g"));
    assert.equal(code, "unauthenticated");
    assert.match(
      message,
      /^Konnect in region eu \(http:\/\/127\.0\.0\.1:\d+\) does not accept the token: it has expired, was revoked or is wrong\. Set a new one as konnectToken or KONNECT_TOKEN\. Nothing was changed\.$/,
    );
    assert.ok(!message.includes(ended));
  });

  const missing: [what: string, role: string, work: (client: Konnect) => Promise<unknown>, has: string[]][] =
    [
      ["to look", '"Viewer" on Mesh Control Planes', (client) => client.controlPlanesNamed("g"), []],
      [
        "to create",
        '"Creator" on Mesh Control Planes',
        (client) => client.createControlPlane("g"),
        ["Admin"],
      ],
      [
        "to manage accounts",
        '"Identity Admin" of the organisation',
        (client) => client.systemAccountNamed("a"),
        ["Admin", "Creator"],
      ],
    ];
  for (const [what, role, work, has] of missing) {
    it(`names the role that is missing ${what}`, async () => {
      const { code, message } = await kumaErrorOf(work(konnect.client(await konnect.tokenWith(has))));
      assert.equal(code, "forbidden");
      assert.ok(message.includes(`the token lacks the role ${role}.`), message);
    });
  }

  it("names the role that is missing to write to a control plane", async () => {
    const { id } = await konnect.client().createControlPlane("g");
    const viewer = await konnect.tokenWith(["Viewer"]);
    const url = hostedApiUrl(konnect.addresses.apiUrl, id);
    const global = new ControlPlane({ title: "the global", url, tokens: [viewer] });
    later(() => global.close());
    const mesh = (await global.resourceTypes()).find(({ name }) => name === "Mesh") ?? assert.fail("no Mesh");
    const { message } = await kumaErrorOf(global.put(mesh, { type: "Mesh", name: "m" }));
    assert.match(
      message,
      /denies access to Mesh m.*lacks a role: "Admin" on this mesh control plane is needed/,
    );
  });

  it("tells Konnect's own words of a refusal", async () => {
    const { message } = await kumaErrorOf(konnect.client().createControlPlane("-x"));
    assert.match(
      message,
      /refuses the mesh control plane -x with status 400 \(Bad Request; Validation error; name: must be 1 to 100 characters/,
    );
  });

  it("reads lists page after page", async () => {
    const fake = await FakeControlPlane.start();
    const all = Array.from({ length: 250 }, (_, i) => ({ id: `id-${i}`, name: "g" }));
    for (const number of [1, 2, 3]) {
      const data = all.slice((number - 1) * 100, number * 100);
      const body = JSON.stringify({ meta: { page: { number, size: 100, total: 250 } }, data });
      const isPage = ({ path }: { path: string }) => path.endsWith(`page%5Bnumber%5D=${number}`);
      fake.fail(isPage, { status: 200, body });
    }
    const found = await clientAt(fake).controlPlanesNamed("g");
    assert.deepEqual(found, all);
    assert.equal(fake.requests.length, 3);
  });

  it("does not follow a redirect with the token", async () => {
    const [fake, other] = [await FakeControlPlane.start(), await FakeControlPlane.start()];
    fake.fail(() => true, { status: 307, headers: { location: other.url } }, 9);
    await kumaErrorOf(clientAt(fake).controlPlanesNamed("g"));
    assert.deepEqual(other.requests, []);
  });

  function clientAt(fake: FakeControlPlane): Konnect {
    const addresses = konnectAddresses("eu", { apiUrl: fake.url, identityUrl: fake.url });
    const made = new Konnect({ ...addresses, region: "eu", token: "kpat_x", attempts: 3 });
    later(() => made.close());
    return made;
  }
});

describe("kuma/konnect: a control plane that Konnect hosts", () => {
  let fake: FakeControlPlane;
  beforeEach(async () => (fake = await FakeControlPlane.start({ basePath: HOSTED, product: "Kong Mesh" })));
  afterEach(stopFakes);
  const MESH = {
    name: "Mesh",
    scope: "Global",
    path: "meshes",
    readOnly: false,
    includeInFederation: true,
  } as const;

  it("is known by its address", () => {
    assert.ok(isHostedApi(`https://eu.api.konghq.com${HOSTED}`));
    for (const url of ["http://127.0.0.1:5681", "https://example.com/api", "", "x"])
      assert.ok(!isHostedApi(url));
  });

  it("is asked for its index without a slash at the end", async () => {
    await clientOf(fake).info();
    assert.deepEqual(fake.asked, [`GET ${HOSTED}`]);
  });

  for (const status of [408, 429, 500, 502, 503, 504]) {
    it(`is asked again after ${status}`, async () => {
      fake.fail("PUT ", { status });
      await clientOf(fake).put(MESH, { type: "Mesh", name: "m" });
      assert.equal(fake.writes.length, 2);
    });
  }

  it("is asked again after a 404 to a write, as a mesh may not be known everywhere yet, but not for ever", async () => {
    fake.fail("PUT ", { status: 404 });
    await clientOf(fake).put(MESH, { type: "Mesh", name: "m" });
    assert.equal(fake.writes.length, 2);
    fake.fail("PUT ", { status: 404 }, 9);
    const { code } = await kumaErrorOf(
      clientOf(fake, { attempts: 8 }).put(MESH, { type: "Mesh", name: "n" }),
    );
    assert.deepEqual([code, fake.writes.length], ["notFound", 5]);
  });

  it("is believed when a read says 404", async () => {
    assert.equal(await clientOf(fake).get(MESH, { type: "Mesh", name: "none" }), undefined);
    assert.equal(fake.requests.length, 1);
  });

  it("waits as long as Konnect asks for", async () => {
    fake.fail("GET ", { status: 429, headers: { "retry-after": "1" } });
    const begun = Date.now();
    await clientOf(fake).info();
    assert.ok(Date.now() - begun >= 950);
  });

  it("never sees a token of a zone's", async () => {
    const client = clientOf(fake, { tokens: ["spat_mine"] });
    client.offerToken("canary-of-the-zone");
    fake.fail("PUT ", { status: 401 }, 9);
    const { message } = await kumaErrorOf(client.put(MESH, { type: "Mesh", name: "m" }));
    assert.match(message, /The Konnect token has expired, was revoked or is wrong/);
    assert.deepEqual(
      new Set(fake.requests.map(({ headers }) => headers.authorization)),
      new Set(["Bearer spat_mine"]),
    );
  });

  it("does not make the token go where its `next` links point", async () => {
    const elsewhere = await FakeControlPlane.start();
    for (let i = 0; i < 1500; i++) fake.add({ type: "Mesh", name: `m-${i}` });
    fake.fail(`GET ${HOSTED}/meshes`, {
      page: (page) => ({ ...page, next: `${elsewhere.url}/meshes?offset=1000&size=1000` }),
    });
    assert.equal((await clientOf(fake, { tokens: ["spat_mine"] }).list(MESH)).length, 1500);
    assert.deepEqual(elsewhere.requests, []);
  });

  it("is written to one by one", () => {
    assert.equal(clientOf(fake).concurrency, 1);
  });
});
