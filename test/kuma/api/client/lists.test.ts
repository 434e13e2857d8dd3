import * as assert from "node:assert/strict";
import { Resource, printable } from "../../../../kuma";
import { kumaErrorOf } from "../../../support/errors";
import { FakeControlPlane, Page, clientOf, stopFakes } from "../../../support/controlPlane/fakeControlPlane";
import { typeNamed } from "../../../support/resources/types";

const TIMEOUT = typeNamed("MeshTimeout");

function timeouts(count: number): Resource[] {
  return Array.from({ length: count }, (_, i) => ({
    type: "MeshTimeout",
    mesh: i % 2 === 0 ? "default" : "other",
    name: `timeout-${i}`,
    spec: {},
  }));
}

describe("kuma/api/client: lists", () => {
  let fake: FakeControlPlane;
  beforeEach(async () => (fake = await FakeControlPlane.start()));
  afterEach(stopFakes);

  const list = () => clientOf(fake).list(TIMEOUT);
  const changePages = (times: number, page: (page: Page) => unknown) =>
    fake.fail("GET /meshtimeouts", { page }, times);

  it("reads 2,500 resources in three pages of 1,000", async () => {
    fake.add(...timeouts(2500));
    const found = await list();
    assert.deepEqual(found, timeouts(2500));
    assert.deepEqual(fake.asked, [
      "GET /meshtimeouts?size=1000",
      "GET /meshtimeouts?size=1000&offset=1000",
      "GET /meshtimeouts?size=1000&offset=2000",
    ]);
  });

  it("reads exactly one page in one request", async () => {
    fake.add(...timeouts(1000));
    assert.equal((await list()).length, 1000);
    assert.equal(fake.requests.length, 1);
  });

  it("takes `items: null` as empty", async () => {
    changePages(1, () => ({ total: 0, items: null, next: null }));
    assert.deepEqual(await list(), []);
    assert.equal(fake.requests.length, 1);
  });

  it("counts a type as empty that the control plane does not know", async () => {
    assert.deepEqual(await clientOf(fake).list({ ...TIMEOUT, path: "meshnovelties" }), []);
    assert.deepEqual(fake.asked, ["GET /meshnovelties?size=1000"]);
  });

  it("fails when a later page is not found", async () => {
    fake.add(...timeouts(1001));
    fake.fail("GET /meshtimeouts?size=1000&offset", { status: 404, body: "" });
    assert.equal((await kumaErrorOf(list())).code, "notFound");
  });

  it("reads a list again whose total does not fit", async () => {
    fake.add(...timeouts(2));
    changePages(2, (page) => ({ ...page, total: 3 }));
    assert.equal((await list()).length, 2);
    assert.equal(fake.requests.length, 3);
  });

  it("fails when the total never fits", async () => {
    fake.add(...timeouts(2));
    changePages(99, (page) => ({ ...page, total: 3 }));
    assert.deepEqual(await kumaErrorOf(list()), {
      code: "incomplete",
      message:
        "The control plane announces 3 MeshTimeout resources, but 2 arrived in 4 attempts. " +
        "Nothing was changed. Is something writing to it all the time? Try again when it is quiet.",
    });
    assert.equal(fake.requests.length, 4);
  });

  it("does not count a resource twice that moves to the next page while it is read", async () => {
    fake.add(...timeouts(1500));
    let pages = 0;
    changePages(2, (page) =>
      pages++ === 0 ? page : { ...page, items: [timeouts(1500)[999], ...(page.items ?? []).slice(1)] },
    );
    const found = await list();
    assert.deepEqual(found, timeouts(1500));
    assert.equal(fake.requests.length, 4);
  });

  it("refuses a cursor that comes again instead of going round for ever", async () => {
    changePages(99, () => ({ total: 9, items: timeouts(1), next: "http://x/meshtimeouts?offset=7" }));
    assert.deepEqual(await kumaErrorOf(list()), {
      code: "notKuma",
      message: `The control plane at ${fake.url} gives an answer to /meshtimeouts that is not one of a Kuma control plane: a page brings nothing new, and names a next one.`,
    });
    assert.equal(fake.requests.length, 2);
  });

  for (const [what, answer] of Object.entries({
    "no items": { total: 0 },
    "items that are no list": { total: 0, items: {} },
    "a text": "hello",
    "a list": [],
  })) {
    it(`refuses an answer with ${what}`, async () => {
      changePages(1, () => answer);
      const { code, message } = await kumaErrorOf(list());
      assert.equal(code, "notKuma");
      assert.match(message, /^The control plane at \S+ gives an answer to \/meshtimeouts/);
    });
  }

  const good = timeouts(1)[0];
  const strangers: Record<string, unknown> = {
    "is null": null,
    "is a list": [],
    "is of another type": { ...good, type: "Mesh" },
    "has no name": { ...good, name: undefined },
    "is called like the path above": { ...good, name: ".." },
    "has a slash in its name": { ...good, name: "a/b" },
    "has a line break in its name": { ...good, name: "a\n::add-mask::b" },
    "has a name that turns the line around": { ...good, name: "a\u202eb" },
    "has a name that is too long": { ...good, name: "a".repeat(318) },
    "is in no mesh": { ...good, mesh: undefined },
    "is in a mesh above": { ...good, mesh: ".." },
    "has labels that are none": { ...good, labels: ["a"] },
    "has a label that is no text": { ...good, labels: { a: {} } },
    "has a name for people that leads above": { ...good, labels: { "kuma.io/display-name": ".." } },
    "is of a zone with a slash in its name": { ...good, labels: { "kuma.io/zone": "a/b" } },
  };
  for (const [what, item] of Object.entries(strangers)) {
    it(`refuses a list with an item that ${what}`, async () => {
      fake.fail("GET /meshtimeouts", { body: JSON.stringify({ total: 2, items: [good, item], next: null }) });
      const { code, message } = await kumaErrorOf(list());
      assert.equal(code, "notKuma");
      assert.match(
        message,
        /^The control plane at \S+ gives an answer to \/meshtimeouts that is not one [^\n]*\.$/,
      );
      assert.equal(printable(message), message);
    });
  }

  it("refuses a resource of no mesh that claims one", async () => {
    fake.fail("GET /globalsecrets", {
      body: JSON.stringify({ total: 1, items: [{ type: "GlobalSecret", name: "a", mesh: "default" }] }),
    });
    assert.equal((await kumaErrorOf(clientOf(fake).list(typeNamed("GlobalSecret")))).code, "notKuma");
  });

  it("takes names as Kubernetes and Kuma's older rule allow them", async () => {
    const named = ["a_b", "a.b-c", "0", "a".repeat(253) + "." + "b".repeat(63), "__proto__"].map((name) => ({
      ...good,
      name,
    }));
    fake.add(...named);
    assert.deepEqual(await list(), named);
  });

  it("ends when every page names a new next one and brings nothing new", async () => {
    let page = 0;
    changePages(Infinity, () => ({ items: timeouts(1), next: `/meshtimeouts?offset=${++page}` }));
    assert.match((await kumaErrorOf(list())).message, /a page brings nothing new, and names a next one\.$/);
    assert.equal(fake.requests.length, 2);
  });

  for (const [what, body] of Object.entries({
    "nested 200,000 times": "[".repeat(200_000) + "]".repeat(200_000),
    "nested 200,000 times within an item": `{"items":[{"type":"MeshTimeout","mesh":"m","name":"a","spec":${'{"a":'.repeat(200_000)}1${"}".repeat(200_000)}}]}`,
    "without an end": '{"items": "' + "a".repeat(1_000_000),
  })) {
    it(`refuses an answer ${what}`, async () => {
      fake.fail("GET /meshtimeouts", { body });
      assert.equal((await kumaErrorOf(list())).code, "notKuma");
    });
  }

  for (const total of [-1, 1.5, "2", null, 1e300]) {
    it(`refuses the total ${JSON.stringify(total)}`, async () => {
      changePages(1, (page) => ({ ...page, total }));
      assert.equal((await kumaErrorOf(list())).code, "notKuma");
    });
  }

  it("does without a next page that is no address when everything has arrived", async () => {
    changePages(99, (page) => ({ ...page, next: "http://" }));
    assert.deepEqual(await list(), []);
  });

  it("fails when the next page's address has no offset and something is missing", async () => {
    fake.add(...timeouts(1001));
    changePages(99, (page) => ({ ...page, next: "/meshtimeouts?page=2" }));
    assert.equal((await kumaErrorOf(list())).code, "incomplete");
  });

  it("takes only the offset of the next page's address: no other host sees a request or a token", async () => {
    const other = await FakeControlPlane.start();
    fake.add(...timeouts(1500));
    changePages(1, (page) => ({ ...page, next: `${other.url}/meshtimeouts?offset=1000&size=5` }));
    const found = await clientOf(fake, { tokens: ["canary-token"] }).list(TIMEOUT);
    assert.equal(found.length, 1500);
    assert.equal(other.connections, 0);
    assert.deepEqual(fake.asked, ["GET /meshtimeouts?size=1000", "GET /meshtimeouts?size=1000&offset=1000"]);
  });

  it("reads many types at once with one client", async () => {
    fake.add(...timeouts(3), { type: "Mesh", name: "default" });
    const client = clientOf(fake, { concurrency: 4 });
    const lists = await Promise.all(fake.types.map((type) => client.list(type)));
    assert.equal(lists.flat().length, 4);
    assert.equal(fake.requests.length, fake.types.length);
    assert.ok(fake.mostInFlight <= 4);
  });
});
