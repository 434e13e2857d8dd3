import * as assert from "node:assert/strict";
import { ControlPlane } from "../../kuma";
import { kumaErrorOf } from "../support/errors";
import { FakeControlPlane, Fault, clientOf, stopFakes } from "../support/fakeControlPlane";
import { typeNamed } from "../support/types";

const SECRET = typeNamed("Secret");
const resource = { type: "Secret", mesh: "default", name: "key", data: "canary-content" };

describe("kuma/client: errors", () => {
  let fake: FakeControlPlane;
  beforeEach(async () => (fake = await FakeControlPlane.start()));
  afterEach(stopFakes);

  const where = () => `The control plane (${fake.url})`;

  /** What a write ends with when it is answered like that. */
  function putWith(fault: Fault): Promise<{ code: string; message: string }> {
    fake.fail("PUT ", fault, 9);
    return kumaErrorOf(clientOf(fake, { tokens: ["canary-token"], attempts: 2 }).put(SECRET, resource));
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

  for (const url of ["", "localhost:5681", "ftp://localhost", "//localhost", "127.0.0.1"]) {
    it(`refuses the address ${JSON.stringify(url)}`, async () => {
      assert.deepEqual(await kumaErrorOf(() => new ControlPlane({ title: "the zone control plane", url })), {
        code: "invalid",
        message: `The address of the zone control plane must be a URL such as http://localhost:5681, not ${JSON.stringify(url)}.`,
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
        `${where()} does not accept the token that was given, or wants one, for Secret default/key. ` +
        "Give an admin token of that control plane (its global secret admin-user-token holds one).",
    });
  });

  it("403", async () => {
    assert.deepEqual(
      await putWith({ status: 403, body: '{"title": "Access Denied", "detail": "no admin"}' }),
      {
        code: "forbidden",
        message:
          `${where()} denies access to Secret default/key (Access Denied; no admin). ` +
          "An admin token is needed (the control plane's global secret admin-user-token holds one).",
      },
    );
  });

  it("404 of a mesh that does not exist", async () => {
    const body = JSON.stringify({ title: "Failed to retrieve Mesh", detail: "Not found" });
    assert.deepEqual(await putWith({ status: 404, body }), {
      code: "notFound",
      message: `${where()} has no Secret default/key (Failed to retrieve Mesh; Not found).`,
    });
  });

  it("405", async () => {
    assert.deepEqual(await putWith({ status: 405, body: "Method Not Allowed" }), {
      code: "refused",
      message: `${where()} refuses Secret default/key with status 405.`,
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
        `${where()} refuses Secret default/key with status 400 ` +
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
      `${where()} refuses Secret default/key with status 400 ` +
        "(Could not create a resource; Resource is not valid; name: cannot be empty).",
    );
  });

  it("429 at every attempt", async () => {
    assert.deepEqual(await putWith({ status: 429, headers: { "retry-after": "0" } }), {
      code: "rateLimited",
      message: `${where()} keeps answering 429 (too many requests) to Secret default/key.`,
    });
    assert.equal(fake.requests.length, 2);
  });

  it("500 at every attempt", async () => {
    assert.deepEqual(await putWith({ status: 500, body: '{"title": "Could not create a resource"}' }), {
      code: "server",
      message: `${where()} failed on Secret default/key with status 500 (Could not create a resource), also when asked again.`,
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
      assert.match(message, /refuses Secret default\/key with status 400/);
    });
  }

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
