import * as assert from "node:assert/strict";
import { HttpOptions, HttpTransport } from "../../../../kuma/api/http/transport";
import { cleanUp, later } from "../../../support/cleanUp";
import { kumaErrorOf } from "../../../support/errors";
import { FakeControlPlane, stopFakes } from "../../../support/controlPlane/fakeControlPlane";
import { until } from "../../../support/until";

describe("kuma/api/http/transport: limits", () => {
  let fake: FakeControlPlane;
  beforeEach(async () => (fake = await FakeControlPlane.start()));
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

  function transport(options: HttpOptions = {}): HttpTransport {
    const made = new HttpTransport(new URL(fake.url), options);
    later(() => made.close());
    return made;
  }

  /** The first wait of so many milliseconds is a short one; what is asked afterwards has all its time. */
  function cutShort(ms: number): void {
    const { setTimeout: wait } = globalThis;
    let isFirst = true;
    const soon = (work: () => void, given = 0) => {
      const isMeant = given === ms && isFirst;
      if (isMeant) isFirst = false;
      return wait(work, isMeant ? 50 : given);
    };
    globalThis.setTimeout = soon as typeof setTimeout;
    later(() => void (globalThis.setTimeout = wait));
  }

  const many = (http: HttpTransport, count: number) =>
    Promise.all(Array.from({ length: count }, (_, i) => http.request("GET", `/config?${i}`, {})));

  for (const concurrency of [1, 3]) {
    it(`has ${concurrency} in flight at the most, each on its own kept-alive connection`, async () => {
      fake.fail("GET /config", { delayMs: 20 }, 100);
      const answers = await many(transport({ concurrency }), 12);
      assert.ok(answers.every(({ status }) => status === 200));
      assert.deepEqual(
        { requests: fake.requests.length, inFlight: fake.mostInFlight, connections: fake.connections },
        { requests: 12, inFlight: concurrency, connections: concurrency },
      );
    });
  }

  it("has 32 in flight when nothing is said", async () => {
    fake.fail("GET /config", { delayMs: 500 }, 100);
    await many(transport(), 40);
    assert.deepEqual([fake.mostInFlight, fake.connections], [32, 32]);
  });

  it("keeps to its limit while requests fail", async () => {
    fake.fail("GET /config", { status: 404, delayMs: 2 }, 10);
    const http = transport({ concurrency: 2 });
    await many(http, 20);
    await many(http, 20);
    assert.equal(fake.requests.length, 40);
    assert.equal(fake.mostInFlight, 2);
  });

  it("sends nothing after it was closed, neither what waits nor what would be tried again", async () => {
    fake.fail("GET /config", { ending: "freeze" }, 100);
    const http = transport({ concurrency: 2 });
    const asked = Array.from({ length: 6 }, (_, i) => kumaErrorOf(http.request("GET", `/config?${i}`, {})));
    await until("two requests", () => fake.requests.length === 2);
    http.close();
    const codes = (await Promise.all(asked)).map(({ code }) => code);
    assert.deepEqual(codes, Array(6).fill("cancelled"));
    await new Promise((resolve) => setTimeout(resolve, 250));
    assert.equal(fake.requests.length, 2);
  });

  it("answers in the order of asking with one in flight", async () => {
    await many(transport({ concurrency: 1 }), 12);
    assert.deepEqual(
      fake.asked,
      Array.from({ length: 12 }, (_, i) => `GET /config?${i}`),
    );
  });

  for (const ending of ["freeze", "freezeInBody"] as const) {
    it(`tries again when a server that does "${ending}" exceeds the time for one attempt`, async () => {
      fake.fail("GET /config", { ending });
      cutShort(60_000);
      const { status } = await transport({ requestTimeoutMs: 60_000 }).request("GET", "/config", {});
      assert.deepEqual([status, fake.requests.length], [200, 2]);
    });

    it(`fails when a server does "${ending}" at every attempt`, async () => {
      fake.fail("GET /config", { ending }, 9);
      const http = transport({ requestTimeoutMs: 50, attempts: 2 });
      const error = await kumaErrorOf(http.request("GET", "/config", {}));
      assert.deepEqual(error, { code: "unreachable", message: "it did not answer in time" });
      assert.deepEqual(http.sent, { GET: 2 });
    });
  }

  it("ends at the deadline, however many attempts are left", async () => {
    fake.fail("GET /config", { ending: "freeze" }, 999);
    const http = transport({ requestTimeoutMs: 60_000, deadlineMs: 100, attempts: 999 });
    const error = await kumaErrorOf(http.request("GET", "/config", {}));
    assert.deepEqual(error, { code: "unreachable", message: "it did not answer in time" });
    assert.deepEqual(http.sent, { GET: 1 });
  });

  it("does not count the time in the queue: each request has the whole deadline", async () => {
    fake.fail("GET /config", { delayMs: 60 }, 100);
    const http = transport({ concurrency: 1, deadlineMs: 900 });
    const answers = await many(http, 20);
    assert.deepEqual(
      answers.map(({ status }) => status),
      Array.from({ length: 20 }, () => 200),
    );
    assert.deepEqual(http.sent, { GET: 20 });
  });

  it("cancels what is in flight and what waits in line", async () => {
    fake.fail("GET /config", { ending: "freeze" }, 999);
    const abort = new AbortController();
    const http = transport({ concurrency: 2, signal: abort.signal });
    const requests = Array.from({ length: 6 }, () => kumaErrorOf(http.request("GET", "/config", {})));
    await until("two requests", () => fake.requests.length === 2);
    abort.abort();
    assert.deepEqual(
      await Promise.all(requests),
      Array.from({ length: 6 }, () => ({ code: "cancelled", message: "The operation was cancelled." })),
    );
    assert.deepEqual(http.sent, { GET: 2 });
  });

  it("cancels the wait before the next attempt", async () => {
    fake.fail("GET /config", { status: 429, headers: { "retry-after": "50" } }, 9);
    const abort = new AbortController();
    const request = kumaErrorOf(transport({ signal: abort.signal }).request("GET", "/config", {}));
    await until("the first answer", () => fake.requests.length === 1 && fake.inFlight === 0);
    setTimeout(() => abort.abort(), 20);
    assert.equal((await request).code, "cancelled");
    assert.equal(fake.requests.length, 1);
  });

  it("sends nothing when it is cancelled beforehand", async () => {
    const http = transport({ signal: AbortSignal.abort() });
    assert.equal((await kumaErrorOf(http.request("GET", "/config", {}))).code, "cancelled");
    assert.deepEqual([http.sent, fake.connections], [{}, 0]);
  });
});
