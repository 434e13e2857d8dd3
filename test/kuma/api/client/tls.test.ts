import assert from "node:assert/strict";
import * as https from "node:https";
import type { AddressInfo } from "node:net";
import { ControlPlane } from "../../../../kuma";
import { issueAuthority, issueServerCertificate } from "../../../../platforms/kdsCertificate";
import { cleanUp, later, setEnvironment } from "../../../support/cleanUp";
import { kumaErrorOf } from "../../../support/errors";

describe("kuma/api/client: an API with TLS", () => {
  afterEach(cleanUp);

  async function start() {
    const authority = await issueAuthority("own");
    const tokens: (string | undefined)[] = [];
    const server = https.createServer(
      await issueServerCertificate(authority, ["127.0.0.1"]),
      (request, response) => {
        tokens.push(request.headers.authorization);
        response.end('{"product": "Kuma", "version": "2.14.3"}');
      },
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    later(() => {
      server.closeAllConnections();
      server.close();
    });
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const info = (ca?: string) => {
      const client = new ControlPlane({ title: "the global", url, ca, tokens: ["canary"], attempts: 1 });
      later(() => client.close());
      return client.info();
    };
    return { authority, tokens, info };
  }

  it("is read where its own authority is named", async () => {
    const { authority, info } = await start();
    assert.equal((await info(authority.cert)).version, "2.14.3");
  });

  it("gets no token where its authority is not known", async () => {
    const { tokens, info } = await start();
    assert.equal((await kumaErrorOf(info())).code, "unreachable");
    assert.equal((await kumaErrorOf(info((await issueAuthority("another")).cert))).code, "unreachable");
    assert.deepEqual(tokens, []);
  });

  it("gets no token either where Node is told to check nothing", async () => {
    const { tokens, info } = await start();
    setEnvironment("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    assert.equal((await kumaErrorOf(info())).code, "unreachable");
    assert.deepEqual(tokens, []);
  });
});
