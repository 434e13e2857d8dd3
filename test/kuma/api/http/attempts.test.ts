import * as assert from "node:assert/strict";
import { EventEmitter, getEventListeners } from "node:events";
import { HttpOptions, HttpTransport } from "../../../../kuma/api/http/transport";
import { cleanUp, later } from "../../../support/cleanUp";
import { kumaErrorOf } from "../../../support/errors";
import { FakeControlPlane, stopFakes } from "../../../support/controlPlane/fakeControlPlane";

const MIB = 1024 * 1024;
/** As Node gives an answer, part by part. */
type Message = EventEmitter & { complete: boolean; statusCode: number; headers: object };
type Play = (message: Message, request: EventEmitter) => void;

/** What no server on this machine can be made to do at will: each attempt is played as Node would tell of it. */
describe("kuma/api/http/transport: one attempt", () => {
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

  function transport(play: Play, options: HttpOptions = {}) {
    const made = new HttpTransport(new URL("http://127.0.0.1:1"), options);
    later(() => made.close());
    const client = {
      request: () => {
        const request = Object.assign(new EventEmitter(), {
          end: () => {
            const message = Object.assign(new EventEmitter(), {
              complete: true,
              statusCode: 200,
              headers: {},
            });
            request.emit("response", message);
            play(message, request);
          },
          destroy: (error: Error) => request.emit("error", error),
        });
        return request;
      },
    };
    const waits: number[] = [];
    const sleep = (ms: number) => Promise.resolve(void waits.push(ms));
    return { http: Object.assign(made, { client, sleep }) as HttpTransport, waits };
  }

  const once = (play: Play) => transport(play, { attempts: 1 }).http.request("GET", "/", {});
  const chunk = (length: number) => ({ length }) as Buffer;
  const coded = (code: string | undefined) => Object.assign(new Error("its own words\u0007"), { code });

  it("takes 256 MiB in all, and no more", async () => {
    const parts = [100, 100, 56].map((mib) => chunk(mib * MIB));
    const error = await kumaErrorOf(
      once((message) => {
        for (const part of parts) message.emit("data", part);
        message.emit("error", new Error("still taken"));
        message.emit("data", chunk(1));
      }),
    );
    assert.equal(error.message, "still taken");
    const tooMuch = await kumaErrorOf(
      once((message) => [...parts, chunk(1)].forEach((part) => message.emit("data", part))),
    );
    assert.deepEqual(tooMuch, { code: "unreachable", message: "its answer is larger than 256 MiB" });
  });

  it("puts an answer together in its order", async () => {
    const { body, status } = await once((message) => {
      for (const part of ["one ", "two"]) message.emit("data", Buffer.from(part));
      message.emit("end");
      message.emit("close");
    });
    assert.deepEqual([status, body], [200, "one two"]);
  });

  it("takes an answer that is not complete for none", async () => {
    const error = await kumaErrorOf(
      once((message) => {
        message.complete = false;
        message.emit("end");
        message.emit("close");
      }),
    );
    assert.equal(error.message, "the connection broke in the middle of its answer");
  });

  for (const [code, message, attempts] of [
    ["ECONNREFUSED", "connection refused", 3],
    ["ECONNRESET", "the connection was cut", 3],
    ["ENOTFOUND", "its host name is not known", 1],
    ["HPE_INVALID_CONSTANT", "what answers there does not speak HTTP", 1],
    ...[
      "ERR_TLS_CERT_ALTNAME_INVALID",
      "CERT_HAS_EXPIRED",
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "SELF_SIGNED_CERT_IN_CHAIN",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      "EPROTO",
    ].map((each) => [each, "its own words\\u0007", 1] as const),
    ["NO_CERT_AT_ALL", "its own words\\u0007", 3],
    [undefined, "its own words\\u0007", 3],
  ] as const)
    it(`ends ${code} after ${attempts} attempt(s) with "${message}"`, async () => {
      const { http } = transport((_, request) => request.emit("error", coded(code)), { attempts: 3 });
      assert.deepEqual(await kumaErrorOf(http.request("GET", "/", {})), { code: "unreachable", message });
      assert.deepEqual(http.sent, { GET: attempts });
    });

  it("is made eight times where nothing is said, with waits of half a ceiling to a whole one", async () => {
    const { random } = Math;
    later(() => void (Math.random = random));
    const ceilings = [100, 200, 400, 800, 1600, 3200, 5000];
    for (const drawn of [0, 1]) {
      Math.random = () => drawn;
      const { http, waits } = transport((message) => {
        message.statusCode = 500;
        message.emit("end");
      });
      assert.equal((await http.request("GET", "/", {})).status, 500);
      assert.deepEqual(http.sent, { GET: 8 });
      assert.deepEqual(
        waits,
        ceilings.map((ceiling) => (ceiling * (1 + drawn)) / 2),
      );
    }
  });

  it("sends nothing to a path that others take for another one", async () => {
    const { http } = transport(() => assert.fail("sent"));
    assert.deepEqual(await kumaErrorOf(http.request("GET", "/meshes/../\u0007", {})), {
      code: "invalid",
      message: "The path /meshes/../\\u0007 leads to another one. Nothing was sent.",
    });
    assert.deepEqual(http.sent, {});
  });

  it("leaves no timer and no listener behind", async () => {
    const fake = await FakeControlPlane.start();
    fake.fail("GET /config", { status: 429, headers: { "retry-after": "0" } });
    const { setTimeout: wait, clearTimeout: clear } = globalThis;
    const open = new Set<unknown>();
    const begun = (work: () => void, ms?: number) => {
      const timer = wait(work, ms);
      if (ms === 59_999) open.add(timer);
      return timer;
    };
    const ended = (timer: NodeJS.Timeout) => (open.delete(timer), clear(timer));
    Object.assign(globalThis, { setTimeout: begun, clearTimeout: ended });
    later(() => void Object.assign(globalThis, { setTimeout: wait, clearTimeout: clear }));
    const { signal } = new AbortController();
    const http = new HttpTransport(new URL(fake.url), { requestTimeoutMs: 59_999, signal });
    later(() => http.close());
    assert.equal((await http.request("GET", "/config", {})).status, 200);
    assert.deepEqual(http.sent, { GET: 2 });
    assert.equal(open.size, 0);
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });
});
