import * as assert from "node:assert/strict";
import { HttpOptions, HttpTransport, retryAfterMs } from "../../../../kuma/api/http/transport";
import { later, cleanUp } from "../../../support/cleanUp";
import { kumaErrorOf } from "../../../support/errors";
import { FakeControlPlane, Fault, stopFakes } from "../../../support/controlPlane/fakeControlPlane";

describe("kuma/api/http/transport: retries", () => {
  let fake: FakeControlPlane;
  beforeEach(async () => (fake = await FakeControlPlane.start()));
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

  function transport(options: HttpOptions = {}, url = fake.url): HttpTransport {
    const made = new HttpTransport(new URL(url), options);
    later(() => made.close());
    return made;
  }

  const broken: Record<string, Fault> = {
    "429": { status: 429 },
    "500": { status: 500 },
    "503": { status: 503 },
    "a connection cut before the answer": { ending: "cut" },
    "a connection ended in the head of the answer": { ending: "cutInHead" },
    "a connection cut in the body of the answer": { ending: "cutInBody" },
  };
  for (const [what, fault] of Object.entries(broken)) {
    for (const method of ["GET", "PUT", "DELETE"]) {
      it(`tries ${method} again after ${what}`, async () => {
        fake.fail(`${method} /meshes/`, fault);
        fake.add({ type: "Mesh", name: "m" });
        const body = method === "PUT" ? '{"type":"Mesh","name":"m"}' : undefined;
        const http = transport();
        const { status } = await http.request(method, "/meshes/m", {}, body);
        assert.equal(status, 200);
        assert.deepEqual(fake.asked, [`${method} /meshes/m`, `${method} /meshes/m`]);
        assert.deepEqual(http.sent, { [method]: 2 });
        assert.equal(fake.requests[1].body, body ?? "");
      });
    }
  }

  it("returns other answers as they are, at once", async () => {
    for (const status of [201, 204, 301, 400, 401, 403, 404, 405, 409]) {
      fake.fail("GET /answer", { status, body: `text of ${status}`, headers: { "x-test": "yes" } });
      const answer = await transport().request("GET", "/answer", {});
      assert.equal(answer.status, status);
      assert.equal(answer.headers["x-test"], "yes");
      if (status !== 204) assert.equal(answer.body, `text of ${status}`);
    }
    assert.equal(fake.requests.length, 9);
  });

  it("returns the last answer when attempts are used up", async () => {
    fake.fail("GET /", { status: 503, body: "busy" }, 9);
    const { status, body } = await transport({ attempts: 3 }).request("GET", "/", {});
    assert.deepEqual([status, body, fake.requests.length], [503, "busy", 3]);
  });

  it("fails when attempts are used up and nothing ever answered", async () => {
    fake.fail("GET /", { ending: "cut" }, 9);
    const error = await kumaErrorOf(transport({ attempts: 2 }).request("GET", "/", {}));
    assert.deepEqual(error, { code: "unreachable", message: "the connection was cut" });
    assert.equal(fake.requests.length, 2);
  });

  it("says so when the connection always breaks in the middle of an answer", async () => {
    fake.fail("GET /", { ending: "cutInBody" }, 9);
    const error = await kumaErrorOf(transport({ attempts: 2 }).request("GET", "/", {}));
    assert.equal(error.code, "unreachable");
    assert.match(error.message, /^the connection (was cut|broke in the middle of its answer)$/);
  });

  it("tries a refused connection again, and names it", async () => {
    const { url } = fake;
    await fake.stop();
    const http = transport({ attempts: 3 }, url);
    const error = await kumaErrorOf(http.request("GET", "/", {}));
    assert.deepEqual(error, { code: "unreachable", message: "connection refused" });
    assert.deepEqual(http.sent, { GET: 3 });
  });

  it("does not ask for a host again that does not exist", async () => {
    const http = transport({}, "http://no-such-host.invalid");
    // what a resolver says, whatever the network of this machine is
    const lookup = (_: string, __: unknown, done: (error: Error) => void) =>
      done(Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" }));
    Object.assign((http as unknown as { agent: { options: object } }).agent.options, { lookup });
    const error = await kumaErrorOf(http.request("GET", "/", {}));
    assert.deepEqual(error, { code: "unreachable", message: "its host name is not known" });
    assert.deepEqual(http.sent, { GET: 1 });
  });

  it("does not ask again what does not speak HTTP", async () => {
    const net = await import("node:net");
    const server = net.createServer((socket) => socket.end("220 mail.example ESMTP\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    later(() => void server.close());
    const { port } = server.address() as { port: number };
    const http = transport({}, `http://127.0.0.1:${port}`);
    const error = await kumaErrorOf(http.request("GET", "/", {}));
    assert.deepEqual(error, { code: "unreachable", message: "what answers there does not speak HTTP" });
    assert.deepEqual(http.sent, { GET: 1 });
  });

  it("waits as long as Retry-After says before it asks again", async () => {
    fake.fail("GET /", { status: 429, headers: { "retry-after": "1" } });
    const http = transport();
    const waits: number[] = [];
    Object.assign(http, { sleep: async (ms: number) => void waits.push(ms) });
    assert.equal((await http.request("GET", "/", {})).status, 200);
    assert.deepEqual(waits, [1000]);
  });

  it("doubles its own waits up to five seconds, with jitter", async () => {
    fake.fail("GET /", { status: 500 }, 8);
    const http = transport({ attempts: 9 });
    const waits: number[] = [];
    Object.assign(http, { sleep: async (ms: number) => void waits.push(ms) });
    await http.request("GET", "/", {});
    const ceilings = [100, 200, 400, 800, 1600, 3200, 5000, 5000];
    assert.equal(waits.length, ceilings.length);
    ceilings.forEach((ceiling, index) => {
      assert.ok(waits[index] >= ceiling / 2 && waits[index] <= ceiling, `${waits[index]} of ${ceiling}`);
    });
  });

  it("gives up at once when Retry-After lies behind the deadline", async () => {
    fake.fail("GET /", { status: 429, headers: { "retry-after": "3600" } }, 9);
    const { status } = await transport({ deadlineMs: 60_000 }).request("GET", "/", {});
    assert.deepEqual([status, fake.requests.length], [429, 1]);
  });

  describe("retryAfterMs", () => {
    const of = (value?: string) =>
      retryAfterMs({ status: 429, headers: value === undefined ? {} : { "retry-after": value }, body: "" });

    it("reads seconds", () => {
      assert.deepEqual(["0", "1", "120"].map(of), [0, 1000, 120_000]);
    });

    it("reads a date", () => {
      const at = new Date(Math.ceil(Date.now() / 1000) * 1000 + 50_000);
      const ms = of(at.toUTCString()) ?? assert.fail("not read");
      assert.ok(ms > 49_000 && ms <= 51_000, String(ms));
    });

    it("takes what lies in the past as now", () => {
      assert.deepEqual([of("-5"), of("Wed, 21 Oct 2015 07:28:00 GMT")], [0, 0]);
    });

    it("leaves out what it cannot read", () => {
      assert.deepEqual([of(), of("soon"), of(""), retryAfterMs(undefined)], Array(4).fill(undefined));
    });
  });
});
