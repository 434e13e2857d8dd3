import * as assert from "node:assert/strict";
import { Konnect, hostedApiUrl, konnectAddresses } from "../../../kuma";
import { cleanUp, later, withoutPauses } from "../../support/cleanUp";
import { kumaErrorOf } from "../../support/errors";
import { FakeControlPlane, Fault, stopFakes } from "../../support/controlPlane/fakeControlPlane";

const TOKEN = "kpat_a-token-of-some-length";

describe("kuma/konnect/api: what is made of Konnect's answers", () => {
  let fake: FakeControlPlane;
  beforeEach(async () => {
    withoutPauses();
    fake = await FakeControlPlane.start();
  });
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

  const always = (fault: Fault) => fake.fail(() => true, fault, 9);
  const pages = (...all: unknown[]) =>
    all.forEach((page) => fake.fail("GET ", { status: 200, body: JSON.stringify(page) }));
  function clientAt(apiUrl = fake.url): Konnect {
    const addresses = { ...konnectAddresses("eu", { identityUrl: fake.url }), apiUrl };
    const made = new Konnect({ ...addresses, region: "eu", token: TOKEN, attempts: 3 });
    later(() => made.close());
    return made;
  }
  const named = () => clientAt().controlPlanesNamed("g");
  const who = () => `Konnect in region eu (${fake.url})`;
  const entry = (id: unknown, more: object = {}) => ({ id, name: "g", ...more });

  const failures: [status: number, code: string, told: string, sent: number][] = [
    [300, "refused", "refuses the list of mesh control planes with status 300.", 1],
    [
      401,
      "unauthenticated",
      "does not accept the token: it has expired, was revoked or is wrong. Set a new one as konnectToken or KONNECT_TOKEN. Nothing was changed.",
      1,
    ],
    [404, "notFound", "does not have the list of mesh control planes.", 1],
    [408, "refused", "refuses the list of mesh control planes with status 408.", 3],
    [418, "refused", "refuses the list of mesh control planes with status 418.", 1],
    [429, "rateLimited", "keeps answering 429 (too many requests).", 3],
    [500, "server", "refuses the list of mesh control planes with status 500.", 3],
  ];
  for (const [status, code, told, sent] of failures)
    it(`ends with "${code}" on ${status}, after ${sent} attempt(s)`, async () => {
      always({ status });
      assert.deepEqual(await kumaErrorOf(named()), { code, message: `${who()} ${told}` });
      assert.equal(fake.requests.length, sent);
    });

  it("takes 299 for an answer", async () => {
    always({ status: 299, body: JSON.stringify({ data: [] }) });
    assert.deepEqual(await named(), []);
  });

  it("does not repeat the token", async () => {
    always({ status: 400, body: JSON.stringify({ title: `bad token ${TOKEN}` }) });
    const { message } = await kumaErrorOf(named());
    assert.equal(
      message,
      `${who()} refuses the list of mesh control planes with status 400 (its words are not shown, as they repeat what was sent).`,
    );
  });

  it("says what to look at where nothing answers", async () => {
    const client = clientAt();
    await fake.stop();
    assert.deepEqual(await kumaErrorOf(client.controlPlanesNamed("g")), {
      code: "unreachable",
      message: `${who()} cannot be reached: connection refused. Check the setting region of the global, and the way to the internet.`,
    });
  });

  it("asks one by one", async () => {
    fake.fail(() => true, { delayMs: 5, status: 200, body: JSON.stringify({ data: [] }) }, 9);
    const client = clientAt();
    await Promise.all(["g", "h", "i"].map((name) => client.controlPlanesNamed(name)));
    assert.equal(fake.mostInFlight, 1);
  });

  it("asks below the path of its address", async () => {
    always({ status: 200, body: JSON.stringify(entry("x")) });
    await clientAt(`${fake.url}/a/b//`).controlPlane("x");
    assert.deepEqual(fake.asked, ["GET /a/b/v1/mesh/control-planes/x"]);
  });

  const foreign: [what: string, body: string][] = [
    ["no JSON", "<html>"],
    ["a list", "[]"],
    ["no entries", "{}"],
    ["entries that are none", JSON.stringify({ data: [null] })],
    ["an id of its own", JSON.stringify({ id: "a/b", data: [] })],
    ...[undefined, 7, "", "a/b", "a b", "x".repeat(101), "/a", "a/"].map((id): [string, string] => [
      `an entry with the id ${JSON.stringify(id)}`,
      JSON.stringify({ data: [entry(id)] }),
    ]),
    ...[7, null, "two\nlines", ["g"]].map((name): [string, string] => [
      `an entry with the name ${JSON.stringify(name)}`,
      JSON.stringify({ data: [entry("x", { name })] }),
    ]),
  ];
  for (const [what, body] of foreign)
    it(`is not Konnect's where there is ${what}`, async () => {
      always({ status: 200, body });
      assert.deepEqual(await kumaErrorOf(named()), {
        code: "notKuma",
        message: `What answers at ${fake.url} is not Konnect: its answer about the list of mesh control planes is not one of Konnect's API.`,
      });
    });

  it("takes entries with an id, whether they have a name or not", async () => {
    pages({ data: [entry("x".repeat(100)), { id: "A_b-9" }] });
    assert.deepEqual(await named(), [entry("x".repeat(100))]);
  });

  it("reads a list to its total", async () => {
    const total = (count: unknown) => ({ meta: { page: { total: count } } });
    pages({ data: [entry("a")], ...total(2) }, { data: [entry("b")], ...total(2) });
    assert.deepEqual(await named(), [entry("a"), entry("b")]);
    pages({ data: [entry("a")], ...total("2") });
    assert.deepEqual(await named(), [entry("a")]);
    pages({ data: [entry("a")], ...total(9) }, { data: [entry("a")], ...total(9) });
    assert.deepEqual(await named(), [entry("a")]);
    assert.equal(fake.requests.length, 5);
  });

  it("gives up a list that comes to no end", async () => {
    let at = 0;
    const next = { id: "", name: "g" };
    const body = { data: [next], meta: { page: { total: 1e9 } } };
    fake.documents.set("/v1/mesh/control-planes", {
      toJSON: () => {
        next.id = `id-${at++}`;
        return body;
      },
    });
    assert.deepEqual(await kumaErrorOf(named()), {
      code: "incomplete",
      message: `${who()}: the list of mesh control planes comes to no end: 1000 entries in 1000 pages. Nothing was changed by this request.`,
    });
  });
});

describe("kuma/konnect/regions", () => {
  it("have addresses of their own", () => {
    assert.deepEqual(konnectAddresses("au"), {
      apiUrl: "https://au.api.konghq.com",
      identityUrl: "https://global.api.konghq.com",
      kdsAddress: "grpcs://au.mesh.sync.konghq.com:443",
    });
  });

  it("take other addresses, without slashes at their end", () => {
    const set = {
      ...{ apiUrl: "https://a.example.com/b//", identityUrl: "https://i.example.com/" },
      kdsAddress: "grpcs://k.example.com:1",
    };
    assert.deepEqual(konnectAddresses("eu", set), {
      ...{ apiUrl: "https://a.example.com/b", identityUrl: "https://i.example.com" },
      kdsAddress: "grpcs://k.example.com:1",
    });
    assert.equal(hostedApiUrl("https://x//y/", "id-1"), "https://x//y/v1/mesh/control-planes/id-1/api");
  });
});
