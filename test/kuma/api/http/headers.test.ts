import * as assert from "node:assert/strict";
import { HttpTransport } from "../../../../kuma/api/http/transport";
import { FakeControlPlane, clientOf, stopFakes } from "../../../support/controlPlane/fakeControlPlane";
import { typeNamed } from "../../../support/resources/types";

describe("kuma/api/http/transport: what is sent", () => {
  afterEach(stopFakes);

  it("sends a document as JSON with its length in bytes", async () => {
    const fake = await FakeControlPlane.start();
    const mesh = { type: "Mesh", name: "m", note: "Größe ☕ 日本" };
    await clientOf(fake).put(typeNamed("Mesh"), mesh);
    const [{ headers, body }] = fake.requests;
    assert.equal(body, JSON.stringify(mesh));
    assert.equal(headers["content-type"], "application/json");
    assert.equal(headers["content-length"], String(Buffer.byteLength(body)));
    assert.equal(headers.accept, "application/json");
    assert.equal(headers.authorization, undefined);
  });

  it("sends no content headers without a document", async () => {
    const fake = await FakeControlPlane.start();
    await clientOf(fake).config();
    assert.equal(fake.requests[0].headers["content-type"], undefined);
    assert.equal(fake.requests[0].headers["content-length"], undefined);
  });

  it("sends a token as bearer", async () => {
    const fake = await FakeControlPlane.start();
    await clientOf(fake, { tokens: ["canary-token"] }).config();
    assert.equal(fake.requests[0].headers.authorization, "Bearer canary-token");
  });

  it("leaves empty tokens out", async () => {
    const fake = await FakeControlPlane.start();
    await clientOf(fake, { tokens: ["", ""] }).config();
    assert.equal(fake.requests[0].headers.authorization, undefined);
  });

  it("counts attempts by method", async () => {
    const fake = await FakeControlPlane.start();
    fake.fail("PUT /meshes/m", { status: 500 });
    const client = clientOf(fake);
    await client.config();
    await client.put(typeNamed("Mesh"), { type: "Mesh", name: "m" });
    await client.delete(typeNamed("Mesh"), { type: "Mesh", name: "m" });
    assert.deepEqual(client.sent, { GET: 1, PUT: 2, DELETE: 1 });
  });

  it("verifies the server's certificate with the authority that is given", async () => {
    const http = new HttpTransport(new URL("https://127.0.0.1:1"), { ca: "the authority" });
    const { agent } = http as unknown as {
      agent: { options: { ca?: string; rejectUnauthorized?: boolean } };
    };
    assert.equal(agent.options.ca, "the authority");
    assert.notEqual(agent.options.rejectUnauthorized, false);
    http.close();
  });
});
