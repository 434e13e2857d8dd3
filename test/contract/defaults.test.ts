import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";

import { assertError, call, dataplane, get, names, remove, secretValue, write } from "./support/client";
import { onEachControlPlane } from "./support/kinds";
import { type ControlPlane, start } from "./support/process";

onEachControlPlane("What a control plane makes", (kind) => {
  let zone: ControlPlane;
  let global: ControlPlane;

  before(async () => {
    [zone, global] = await Promise.all([
      start(kind, { mode: "zone" }),
      start(kind, { mode: "global", env: { KUMA_DEFAULTS_SKIP_MESH_CREATION: "true" } }),
    ]);
  });

  it("a zone: the default mesh with its policies and its signing key", async () => {
    assert.deepEqual(await names(zone, "/meshes"), ["default"]);
    assert.deepEqual(await names(zone, "/meshes/default/meshtimeouts"), [
      "mesh-gateways-timeout-all-default",
      "mesh-timeout-all-default",
    ]);
    assert.deepEqual(await names(zone, "/meshes/default/meshretries"), ["mesh-retry-all-default"]);
    assert.deepEqual(await names(zone, "/meshes/default/meshcircuitbreakers"), [
      "mesh-circuit-breaker-all-default",
    ]);
    assert.deepEqual(await names(zone, "/secrets"), ["dataplane-token-signing-key-default-1"]);
    const timeout = await get(zone, "/meshes/default/meshtimeouts/mesh-timeout-all-default");
    assert.equal(timeout.labels["kuma.io/zone"], "default");
    assert.equal(timeout.spec.to[0].default.http.requestTimeout, "15s");
  });

  it("a zone: its secrets, hostname generators and Zone", async () => {
    assert.deepEqual(await names(zone, "/global-secrets"), [
      "admin-user-token",
      "envoy-admin-ca",
      "inter-cp-ca",
      "user-token-signing-key-1",
      "zone-token-signing-key-1",
    ]);
    assert.deepEqual(await names(zone, "/hostnamegenerators"), [
      "local-mesh-external-service",
      "local-universal-mesh-service",
    ]);
    assert.deepEqual(await names(zone, "/zones"), ["default"]);
    const key = await get(zone, "/global-secrets/zone-token-signing-key-1");
    assert.match(secretValue(key), /^-----BEGIN RSA PRIVATE KEY-----/);
    assert.equal(key.labels, undefined);
  });

  it("a global control plane: its secrets and hostname generators, no mesh when told so", async () => {
    assert.deepEqual(await names(global, "/meshes"), []);
    assert.deepEqual(await names(global, "/global-secrets"), [
      "admin-user-token",
      "inter-cp-ca",
      "user-token-signing-key-1",
      "zone-token-signing-key-1",
    ]);
    assert.deepEqual(await names(global, "/hostnamegenerators"), [
      "synced-headless-kube-mesh-service",
      "synced-kube-mesh-service",
      "synced-mesh-external-service",
      "synced-mesh-multi-zone-service",
      "synced-universal-mesh-service",
    ]);
    assert.deepEqual(await names(global, "/zones"), []);
  });

  it("a mesh that asks for it starts without policies", async () => {
    await write(zone, "/meshes/bare", { type: "Mesh", name: "bare", skipCreatingInitialPolicies: ["*"] });
    assert.deepEqual(await names(zone, "/meshes/bare/meshtimeouts"), []);
    assert.deepEqual(await names(zone, "/meshes/bare/secrets"), ["dataplane-token-signing-key-bare-1"]);
    await write(zone, "/meshes/some", {
      type: "Mesh",
      name: "some",
      skipCreatingInitialPolicies: ["MeshTimeout"],
    });
    assert.deepEqual(await names(zone, "/meshes/some/meshtimeouts"), []);
    assert.deepEqual(await names(zone, "/meshes/some/meshretries"), ["mesh-retry-all-some"]);
  });

  describe("mTLS", () => {
    const builtin = (name: string) => ({
      type: "Mesh",
      name: "secure",
      skipCreatingInitialPolicies: ["*"],
      mtls: { enabledBackend: name, backends: [{ name, type: "builtin" }] },
    });
    const provided = (skipValidation: boolean) => ({
      type: "Mesh",
      name: "secure",
      mtls: {
        enabledBackend: "ca-1",
        ...(skipValidation ? { skipValidation } : {}),
        backends: [
          {
            name: "ca-1",
            type: "provided",
            conf: { cert: { secret: "no-cert" }, key: { secret: "no-key" } },
          },
        ],
      },
    });

    it("a builtin backend gets an authority in secrets of the mesh", async () => {
      await write(zone, "/meshes/secure", builtin("ca-1"));
      assert.deepEqual(await names(zone, "/meshes/secure/secrets"), [
        "dataplane-token-signing-key-secure-1",
        "secure.ca-builtin-cert-ca-1",
        "secure.ca-builtin-key-ca-1",
      ]);
      const pem = secretValue(await get(zone, "/meshes/secure/secrets/secure.ca-builtin-cert-ca-1"));
      const cert = new X509Certificate(pem);
      assert.ok(cert.ca);
      assert.equal(cert.subject, "O=Kuma\nOU=Mesh\nCN=secure");
      assert.match(cert.subjectAltName ?? "", /URI:spiffe:\/\/secure/);
      assert.ok(cert.verify(cert.publicKey));
    });

    it("the authority cannot be exchanged while mTLS is on", async () => {
      assertError(
        await call(zone, "PUT", "/meshes/secure", builtin("ca-2")),
        400,
        "Failed to update a resource",
        {
          "mtls.enabledBackend":
            "Changing CA when mTLS is enabled is forbidden. Disable mTLS first and then change the CA",
        },
      );
    });

    it("the secrets of a backend cannot be deleted", async () => {
      const answer = await call(zone, "DELETE", "/meshes/secure/secrets/secure.ca-builtin-cert-ca-1");
      assertError(answer, 400, "Could not delete a resource", { name: /currently in use in Mesh "secure"/ });
    });

    it("a provided backend needs its secrets, unless validation is skipped", async () => {
      const refused = await call(zone, "PUT", "/meshes/secure", provided(false));
      assertError(refused, 400, "Failed to update a resource", {
        "mtls.backends[0].conf.cert": /could not load data: resource not found/,
        "mtls.backends[0].conf.key": /could not load data: resource not found/,
      });
      await write(zone, "/meshes/secure", provided(true));
    });

    it("a builtin authority can be handed on as a provided one", async () => {
      const mesh = {
        type: "Mesh",
        name: "secure",
        mtls: {
          enabledBackend: "ca-1",
          backends: [
            {
              name: "ca-1",
              type: "provided",
              conf: {
                cert: { secret: "secure.ca-builtin-cert-ca-1" },
                key: { secret: "secure.ca-builtin-key-ca-1" },
              },
            },
          ],
        },
      };
      await write(zone, "/meshes/secure", mesh);
    });

    it("backends that make no sense are refused", async () => {
      const put = (mtls: unknown) =>
        call(zone, "PUT", "/meshes/wrong", { type: "Mesh", name: "wrong", mtls });
      const backend = (name: string, type = "builtin") => ({ name, type });
      const title = "Could not process a resource";
      assertError(await put({ enabledBackend: "a", backends: [backend("b")] }), 400, title, {
        "mtls.enabledBackend": "has to be set to one of the backends in the mesh",
      });
      assertError(await put({ enabledBackend: "a", backends: [backend("a"), backend("b")] }), 400, title, {
        "mtls.backends": "cannot have more than 1 backends",
      });
      const unknown = await put({ enabledBackend: "a", backends: [backend("a", "vault")] });
      assertError(unknown, 400, "Failed to create a resource", {
        "mtls.backends[0].type": "could not find installed plugin for this type",
      });
    });
  });

  it("a mesh with proxies cannot be deleted; without them it takes along what it owns", async () => {
    await write(zone, "/meshes/gone", { type: "Mesh", name: "gone" });
    await write(zone, "/meshes/gone/secrets/mine", {
      type: "Secret",
      mesh: "gone",
      name: "mine",
      data: "eA==",
    });
    await write(zone, "/meshes/gone/dataplanes/dp", dataplane("gone", "dp"));
    assertError(await call(zone, "DELETE", "/meshes/gone"), 400, "Could not delete a resource", {
      mesh: "unable to delete mesh, there are still some dataplanes attached",
    });
    await remove(zone, "/meshes/gone/dataplanes/dp");
    await remove(zone, "/meshes/gone");
    assert.equal((await names(zone, "/meshtimeouts")).filter((name) => name.endsWith("-gone")).length, 0);
    // A secret that a user wrote stays: it has no owner.
    const secrets = await names(zone, "/secrets");
    assert.ok(secrets.includes("mine"));
    assert.ok(!secrets.includes("dataplane-token-signing-key-gone-1"));
    assert.equal(
      (await call(zone, "DELETE", "/meshes/gone/secrets/mine")).status,
      404,
      "not without its mesh",
    );
  });
});
