import * as assert from "node:assert/strict";
import { assertTlsVerified, isPrivate, isSupported, parseVersion, withoutCredentials } from "../../../kuma";
import { kumaErrorOf } from "../../support/errors";

describe("kuma/api/versions", () => {
  it("reads major and minor of what was released", () => {
    for (const [version, major, minor] of [
      ["2.14.3", 2, 14],
      ["v2.9.0-rc1", 2, 9],
      ["10.0.1", 10, 0],
    ] as const)
      assert.deepEqual(parseVersion(version), { major, minor });
    for (const none of ["", "2", "2.14", "x2.14.3", "0.0.0-preview.vabc", "vv2.1.0"])
      assert.equal(parseVersion(none), undefined, none);
  });

  it("takes 2.x and its previews alone", () => {
    for (const version of ["2.0.0", "v2.14.3", "0.0.0-preview.v1"]) assert.ok(isSupported(version), version);
    for (const version of ["3.0.0", "12.0.0", "20.1.0", "2", "x2.1.0", "1.0.0-preview", "v0.0.0-preview"])
      assert.ok(!isSupported(version), version);
  });
});

describe("kuma/api/tls", () => {
  it("keeps to itself what goes by TLS, or stays on this machine", () => {
    for (const url of [
      "https://kuma.example.com",
      "http://localhost:5681",
      "http://127.0.0.1",
      "http://127.255.10.1:1",
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
        "Unset it, and name the authority of a control plane with the setting global.apiCaFile, or with NODE_EXTRA_CA_CERTS.",
    });
  });
});
