import * as assert from "node:assert/strict";
import { kumaErrorOf } from "../../../support/errors";
import { FakeControlPlane, clientOf, stopFakes } from "../../../support/controlPlane/fakeControlPlane";
import { typeNamed } from "../../../support/resources/types";

const SECRET = typeNamed("Secret");

describe("kuma/api/client: tokens", () => {
  let fake: FakeControlPlane;
  beforeEach(async () => (fake = await FakeControlPlane.start()));
  afterEach(stopFakes);

  /** Every request without that token is answered with the status. */
  const demand = (token: string, status = 401) =>
    fake.fail(({ headers }) => headers.authorization !== `Bearer ${token}`, { status, body: "" }, Infinity);
  const used = () => fake.requests.map(({ headers }) => headers.authorization);

  for (const status of [401, 403]) {
    it(`goes on with the next token from the moment that one is answered ${status}`, async () => {
      demand("new", status);
      const client = clientOf(fake, { tokens: ["old", "older", "new"] });
      await client.list(SECRET);
      await client.list(SECRET);
      assert.deepEqual(used(), ["Bearer old", "Bearer older", "Bearer new", "Bearer new"]);
    });
  }

  it("keeps each token that was refused, once, for the time when it is the one that is taken", async () => {
    const client = clientOf(fake, { tokens: ["a", "b", "c"] });
    let taken = "b";
    fake.fail(
      ({ headers }) => headers.authorization !== `Bearer ${taken}`,
      { status: 401, body: "" },
      Infinity,
    );
    await client.list(SECRET);
    taken = "c";
    await client.list(SECRET);
    taken = "a";
    await client.list(SECRET);
    assert.deepEqual(
      used().map((header) => header?.slice(-1)),
      [..."ab", ..."bac", ..."cba"],
    );
  });

  it("sends no token where there is none", async () => {
    await clientOf(fake).list(SECRET);
    await clientOf(fake, { tokens: [] }).list(SECRET);
    assert.deepEqual(used(), [undefined, undefined]);
  });

  it("fails when the last token is refused too", async () => {
    demand("another");
    const error = await kumaErrorOf(clientOf(fake, { tokens: ["a", "b"] }).list(SECRET));
    assert.equal(error.code, "unauthenticated");
    assert.deepEqual(used(), ["Bearer a", "Bearer b"]);
  });

  it("changes over in the middle of a run of writes", async () => {
    const client = clientOf(fake, { tokens: ["old", "new"], concurrency: 1 });
    await client.put(SECRET, { type: "Secret", mesh: "m", name: "1" });
    demand("new");
    await client.put(SECRET, { type: "Secret", mesh: "m", name: "2" });
    assert.deepEqual(used(), ["Bearer old", "Bearer old", "Bearer new"]);
    assert.equal(fake.store.size, 2);
  });

  it("repeats the document with the next token", async () => {
    demand("new");
    const secret = { type: "Secret", mesh: "m", name: "1", data: "eA==" };
    await clientOf(fake, { tokens: ["old", "new"] }).put(SECRET, secret);
    assert.deepEqual(
      fake.requests.map(({ body }) => body),
      [JSON.stringify(secret), JSON.stringify(secret)],
    );
  });

  it("serves requests that were in flight together when the token was refused", async () => {
    demand("new");
    const client = clientOf(fake, { tokens: ["old", "new"], concurrency: 8 });
    const lists = await Promise.all(Array.from({ length: 8 }, () => client.list(SECRET)));
    assert.equal(lists.length, 8);
    assert.equal(used().filter((token) => token === "Bearer new").length, 8);
  });

  it("does not skip a token when several requests are refused together", async () => {
    demand("b");
    const client = clientOf(fake, { tokens: ["a", "b", "c"], concurrency: 8 });
    await Promise.all(Array.from({ length: 8 }, () => client.list(SECRET)));
    assert.ok(!used().includes("Bearer c"));
  });
});
