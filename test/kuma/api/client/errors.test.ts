import * as assert from "node:assert/strict";
import { ControlPlane } from "../../../../kuma";
import { kumaErrorOf } from "../../../support/errors";
import { FakeControlPlane, Fault, clientOf, stopFakes } from "../../../support/controlPlane/fakeControlPlane";
import { typeNamed } from "../../../support/resources/types";

const SECRET = typeNamed("Secret");
const resource = { type: "Secret", mesh: "default", name: "key", data: "canary-content" };
const TIMEOUT = typeNamed("MeshTimeout");
const policy = { type: "MeshTimeout", mesh: "default", name: "key", spec: { to: [] } };

describe("kuma/api/client: errors", () => {
  let fake: FakeControlPlane;
  beforeEach(async () => (fake = await FakeControlPlane.start()));
  afterEach(stopFakes);

  const where = () => `The control plane (${fake.url})`;

  /** What a write ends with when it is answered like that. */
  function putWith(fault: Fault): Promise<{ code: string; message: string }> {
    fake.fail("PUT ", fault, 9);
    return kumaErrorOf(clientOf(fake, { tokens: ["canary-token"], attempts: 2 }).put(TIMEOUT, policy));
  }

  describe("what answers is no Kuma control plane", () => {
    const answers: Record<string, [Fault, number]> = {
      "a page of HTML": [{ body: "<html>Welcome</html>", headers: { "content-type": "text/html" } }, 200],
      "JSON without a product": [{ body: '{"hello": "world"}' }, 200],
      "JSON with a product and no version": [{ body: '{"product": "Kuma"}' }, 200],
      "JSON that is null": [{ body: "null" }, 200],
      "404": [{ status: 404, body: "not found" }, 404],
      "a redirection": [{ status: 302, headers: { location: "http://127.0.0.1:1/" } }, 302],
    };
    for (const [what, [fault, status]] of Object.entries(answers)) {
      it(what, async () => {
        fake.fail("GET /", fault);
        assert.deepEqual(await kumaErrorOf(clientOf(fake).info()), {
          code: "notKuma",
          message:
            `What answers at ${fake.url} is not a Kuma or Kong Mesh control plane (status ${status}, no product and version). ` +
            "Give the address of the control plane's API server, by default port 5681.",
        });
      });
    }
  });

  it("reads product and version, also of the old form", async () => {
    fake.fail("GET /", { body: '{"tagline": "Kuma", "version": "2.5.0"}' });
    const { product, version } = await clientOf(fake).info();
    assert.deepEqual([product, version], ["Kuma", "2.5.0"]);
  });

  it("names a control plane that cannot be reached", async () => {
    await fake.stop();
    const client = new ControlPlane({
      title: "the zone control plane",
      url: "http://user:canary-word@127.0.0.1:1/api/",
      attempts: 1,
    });
    assert.deepEqual(await kumaErrorOf(client.info()), {
      code: "unreachable",
      message:
        "The zone control plane at http://127.0.0.1:1/api cannot be reached: connection refused. " +
        "Check that it runs, and that its address is right.",
    });
  });

  for (const url of [
    "",
    "localhost:5681",
    "ftp://localhost",
    "xhttp://localhost",
    "//localhost",
    "127.0.0.1",
  ]) {
    it(`refuses the address ${JSON.stringify(url)}`, async () => {
      assert.deepEqual(await kumaErrorOf(() => new ControlPlane({ title: "the zone control plane", url })), {
        code: "invalid",
        message: `The address of the zone control plane must be a URL such as http://localhost:5681, not ${JSON.stringify(url)}.`,
      });
    });
  }

  for (const url of [
    "http://global.example.com:5681",
    "http://127.0.0.1.example.com",
    "http://10.0.0.1",
    "http://[::2]",
  ]) {
    it(`sends nothing in clear to ${url}`, async () => {
      const withPassword = url.replace("//", "//me:canary@");
      for (const given of [url, withPassword])
        assert.deepEqual(await kumaErrorOf(() => new ControlPlane({ title: "the global", url: given })), {
          code: "invalid",
          message:
            `The address of the global, ${url}, is without TLS: tokens and keys would cross the network in clear. ` +
            "Nothing was sent. Use https://, with apiCaFile where its authority is not one of the system's; http:// leads to this machine only.",
        });
    });
  }

  it("does not repeat the password of an address that it refuses", async () => {
    const url = "htp://user:canary-word@host:5681";
    const { message } = await kumaErrorOf(() => new ControlPlane({ title: "the control plane", url }));
    assert.ok(!message.includes("canary"), message);
  });

  it("401", async () => {
    assert.deepEqual(await putWith({ status: 401, body: '{"title": "Unauthorized"}' }), {
      code: "unauthenticated",
      message:
        `${where()} does not accept the token that was given, or wants one, for MeshTimeout default/key. ` +
        "Give an admin token of that control plane (its global secret admin-user-token holds one).",
    });
  });

  it("403", async () => {
    assert.deepEqual(
      await putWith({ status: 403, body: '{"title": "Access Denied", "detail": "no admin"}' }),
      {
        code: "forbidden",
        message:
          `${where()} denies access to MeshTimeout default/key (Access Denied; no admin). ` +
          "An admin token is needed (the control plane's global secret admin-user-token holds one).",
      },
    );
  });

  it("404 of a mesh that does not exist", async () => {
    const body = JSON.stringify({ title: "Failed to retrieve Mesh", detail: "Not found" });
    assert.deepEqual(await putWith({ status: 404, body }), {
      code: "notFound",
      message: `${where()} has no mesh default for MeshTimeout default/key (Failed to retrieve Mesh; Not found).`,
    });
  });

  it("405", async () => {
    assert.deepEqual(await putWith({ status: 405, body: "Method Not Allowed" }), {
      code: "refused",
      message: `${where()} refuses MeshTimeout default/key with status 405.`,
    });
  });

  it("400 with the fields that are wrong", async () => {
    const body = JSON.stringify({
      type: "/std-errors",
      status: 400,
      title: "Resource is not valid",
      detail: "Resource is not valid",
      invalid_parameters: [
        { field: "spec.to[0].default", reason: "must be defined" },
        { field: "spec.to[0].default", reason: "must be defined" },
        { reason: "no field" },
      ],
    });
    assert.deepEqual(await putWith({ status: 400, body }), {
      code: "refused",
      message:
        `${where()} refuses MeshTimeout default/key with status 400 ` +
        "(Resource is not valid; spec.to[0].default: must be defined; no field).",
    });
  });

  it("400 in the form of older versions", async () => {
    const body = JSON.stringify({
      title: "Could not create a resource",
      details: "Resource is not valid",
      causes: [{ field: "name", message: "cannot be empty" }],
    });
    assert.equal(
      (await putWith({ status: 400, body })).message,
      `${where()} refuses MeshTimeout default/key with status 400 ` +
        "(Could not create a resource; Resource is not valid; name: cannot be empty).",
    );
  });

  it("429 at every attempt", async () => {
    assert.deepEqual(await putWith({ status: 429, headers: { "retry-after": "0" } }), {
      code: "rateLimited",
      message: `${where()} keeps answering 429 (too many requests) to MeshTimeout default/key.`,
    });
    assert.equal(fake.requests.length, 2);
  });

  it("500 at every attempt", async () => {
    assert.deepEqual(await putWith({ status: 500, body: '{"title": "Could not create a resource"}' }), {
      code: "server",
      message: `${where()} failed on MeshTimeout default/key with status 500 (Could not create a resource), also when asked again.`,
    });
    assert.equal(fake.requests.length, 2);
  });

  it("a document that is no JSON", async () => {
    fake.fail("GET /config", { body: "<html></html>" });
    assert.deepEqual(await kumaErrorOf(clientOf(fake).config()), {
      code: "notKuma",
      message: `The control plane at ${fake.url} gives an answer to /config that is not one of a Kuma control plane.`,
    });
  });

  for (const body of ['"text"', "[]", "7", '{"invalid_parameters": {}}', '{"causes": "x"}', '{"title": 7}']) {
    it(`survives the error document ${body}`, async () => {
      const { code, message } = await putWith({ status: 400, body });
      assert.equal(code, "refused");
      assert.match(message, /refuses MeshTimeout default\/key with status 400/);
    });
  }

  it("never shows what a server says about a secret, whatever that is", async () => {
    const echo = JSON.stringify({ title: "canary-content", detail: "Y2FuYXJ5", reason: "canary" });
    for (const status of [400, 403, 404, 405, 409, 422, 500]) {
      fake.fail("", { status, body: echo }, 9);
      const client = clientOf(fake, { attempts: 1 });
      const works = [
        () => client.put(SECRET, resource),
        () => client.list(SECRET).then((found) => assert.deepEqual(found, [])),
        () => client.get(SECRET, resource).then((found) => assert.equal(found, undefined)),
        () => client.delete(SECRET, resource),
      ];
      for (const work of works) {
        const { message } = await kumaErrorOf(work).catch(() => ({ message: "no failure" }));
        assert.doesNotMatch(message, /canary|Y2Fu/i);
      }
    }
  });

  it("shows no words that repeat a token, or a key that stands in a resource of another type", async () => {
    const key = `-----BEGIN PRIVATE KEY-----\n${"MIIEvQIBADANBgkqhkiG9w0BAQ".repeat(3)}\n-----END`;
    const mesh = {
      type: "Mesh",
      name: "m",
      mtls: { backends: [{ name: "ca", type: "provided", conf: { key: { inlineString: key } } }] },
    };
    const told = [key, key.slice(40, 80), "bearer canary-token", Buffer.from(key).toString("utf8")];
    for (const detail of told) {
      fake.fail("PUT ", { status: 400, body: JSON.stringify({ title: "Invalid", detail }) });
      const client = clientOf(fake, { tokens: ["canary-token"], attempts: 1 });
      const { message } = await kumaErrorOf(client.put(typeNamed("Mesh"), mesh));
      assert.match(message, /refuses Mesh m with status 400 \(its words are not shown/);
    }
    fake.fail("PUT ", { status: 400, body: JSON.stringify({ title: "Invalid", detail: "no such backend" }) });
    const { message } = await kumaErrorOf(clientOf(fake).put(typeNamed("Mesh"), mesh));
    assert.match(message, /status 400 \(Invalid; no such backend\)\.$/);
  });

  it("keeps words of a server within their line, and what commands a terminal out of them", async () => {
    const detail = "no\n::add-mask::a\r\u001b[2K\u202e\u200b\u2028<{%fg 1%}>";
    const { message } = await putWith({ status: 400, body: JSON.stringify({ title: "x", detail }) });
    assert.ok(
      message.endsWith("(x; no\\u000a::add-mask::a\\u000d\\u001b[2K\\u202e\\u200b\\u2028<\\u007b%fg 1%}>)."),
      message,
    );
  });

  it("never repeats what was sent, the token or the text of an answer", async () => {
    const answers: Fault[] = [400, 401, 403, 404, 405, 409, 422, 429, 500, 503].flatMap((status) => [
      { status, body: "canary in plain text" },
      { status, body: JSON.stringify({ data: "canary-content", value: { secret: "canary" } }) },
    ]);
    for (const fault of answers) {
      fake.fail("PUT ", fault);
      const client = clientOf(fake, { tokens: ["canary-token"], attempts: 1 });
      const { message } = await kumaErrorOf(client.put(SECRET, resource));
      assert.ok(!message.includes("canary"), message);
    }
    assert.equal(fake.requests.length, answers.length);
  });
});
