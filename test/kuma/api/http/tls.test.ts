import * as assert from "node:assert/strict";
import { assertTlsVerified, isPrivate, withoutCredentials } from "../../../../kuma";
import { kumaErrorOf } from "../../../support/errors";

describe("kuma/api/http/tls", () => {
  it("keeps to itself what goes by TLS, or stays on this machine", () => {
    for (const url of [
      "https://kuma.example.com",
      "http://localhost:5681",
      "http://127.0.0.1",
      "http://127.255.10.12:1",
      "http://[::1]:5681",
    ])
      assert.ok(isPrivate(new URL(url)), url);
    for (const url of [
      "http://kuma.example.com",
      "http://10.0.0.1",
      "http://localhost.example.com",
      "http://xlocalhost",
      "http://127.0.0.1.example.com",
      "http://[::2]",
    ])
      assert.ok(!isPrivate(new URL(url)), url);
  });

  it("shows an address without what may be a password", () => {
    assert.equal(withoutCredentials("https://me:canary@kuma.test/x@y"), "https://kuma.test/x@y");
    assert.equal(withoutCredentials("https://kuma.test/a@b"), "https://kuma.test/a@b");
    assert.equal(withoutCredentials("https://a@b@kuma.test"), "https://kuma.test");
  });

  it("does nothing where certificates are not checked", async () => {
    assertTlsVerified({});
    assertTlsVerified({ NODE_TLS_REJECT_UNAUTHORIZED: "1" });
    assert.deepEqual(await kumaErrorOf(() => assertTlsVerified({ NODE_TLS_REJECT_UNAUTHORIZED: "0" })), {
      code: "invalid",
      message:
        "The variable NODE_TLS_REJECT_UNAUTHORIZED is 0, so that no certificate would be checked. Nothing was done. " +
        "Unset it, and name the authority of a control plane with the setting apiCaFile of the global (the component's argument apiCa), or with NODE_EXTRA_CA_CERTS.",
    });
  });

  it("refuses to go on where nobody's certificate is checked", async () => {
    const { code, message } = await kumaErrorOf(() =>
      assertTlsVerified({ NODE_TLS_REJECT_UNAUTHORIZED: "0" }),
    );
    assert.equal(code, "invalid");
    assert.match(message, /^The variable NODE_TLS_REJECT_UNAUTHORIZED is 0, .* Nothing was done\. Unset it/);
    // Node takes nothing else for it
    for (const value of [undefined, "", "1", "false"])
      assertTlsVerified({ NODE_TLS_REJECT_UNAUTHORIZED: value });
  });
});
