import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { join } from "node:path";

import { createAuthority } from "../../stand-in/crypto/certificates";
import {
  STRANGER,
  assertError,
  call,
  dataplane,
  get,
  legacyTimeout,
  meshTimeout,
  names,
  secretValue,
  write,
} from "./support/client";
import { onEachControlPlane } from "./support/kinds";
import { until } from "../support/until";
import { type ControlPlane, type Kind, start } from "./support/process";

const DISABLED = { "kuma.io/kds-sync": "disabled" };
const NO_POLICIES = { skipCreatingInitialPolicies: ["*"] };
const encoded = (text: string | Buffer) => Buffer.from(text).toString("base64");

function federatedZone(kind: Kind, global: ControlPlane, name: string, env: Record<string, string> = {}) {
  return start(kind, {
    mode: "zone",
    env: {
      KUMA_MULTIZONE_ZONE_NAME: name,
      KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS: `grpcs://localhost:${global.kdsPort}`,
      KUMA_MULTIZONE_ZONE_KDS_ROOT_CA_FILE: join(global.workDir, "kuma-cp.crt"),
      ...env,
    },
  });
}

const newGlobal = (kind: Kind, env: Record<string, string> = {}) =>
  start(kind, { mode: "global", env: { KUMA_DEFAULTS_SKIP_MESH_CREATION: "true", ...env } });

onEachControlPlane("What a federation has to reckon with", (kind) => {
  describe("the label kuma.io/kds-sync", () => {
    let global: ControlPlane;
    let zone: ControlPlane;
    before(async () => {
      global = await newGlobal(kind);
      await write(global, "/meshes/m1", { type: "Mesh", name: "m1", ...NO_POLICIES });
      await write(global, "/meshes/apart", { type: "Mesh", name: "apart", labels: DISABLED, ...NO_POLICIES });
      await write(global, "/meshes/m1/timeouts/apart", { ...legacyTimeout("m1", "apart"), labels: DISABLED });
      await write(global, "/meshes/m1/timeouts/shared", legacyTimeout("m1", "shared"));
      const secret = { type: "Secret", mesh: "m1", name: "apart", data: encoded("x"), labels: DISABLED };
      await write(global, "/meshes/m1/secrets/apart", secret);
      zone = await federatedZone(kind, global, "zone-1");
      await until("what is shared", async () => (await get(zone, "/timeouts")).total === 1);
    });

    it("keeps what has it on the global: meshes, policies and secrets", async () => {
      assert.deepEqual(await names(zone, "/meshes"), ["m1"]);
      assert.match((await names(zone, "/timeouts"))[0], /^shared-/);
      assert.ok(!(await names(zone, "/meshes/m1/secrets")).includes("apart"));
    });

    it("keeps what has it in the zone", async () => {
      const own = (name: string, labels = {}) =>
        write(
          zone,
          `/meshes/m1/meshtimeouts/${name}`,
          meshTimeout("m1", name, { "kuma.io/origin": "zone", ...labels }),
        );
      await own("apart", DISABLED);
      await own("shared");
      await until("what is shared", async () => (await get(global, "/meshtimeouts")).total > 0);
      assert.deepEqual(
        (await names(global, "/meshtimeouts")).map((name) => name.replace(/-[a-z0-9]{16}$/, "")),
        ["shared"],
      );
    });
  });

  describe("labels", () => {
    let zone: ControlPlane;
    before(async () => {
      zone = await start(kind, { mode: "zone", env: { KUMA_MULTIZONE_ZONE_NAME: "zone-1" } });
    });

    it("that only Kubernetes computes are the user's on Universal", async () => {
      const labels = {
        "kuma.io/workload": "billing",
        "kuma.io/policy-role": "consumer",
        "kuma.io/proxy-type": "mine",
        "kuma.io/env": "kubernetes",
        "kuma.io/display-name": "shown",
        "k8s.kuma.io/namespace": "store",
        "k8s.kuma.io/service-account": "account",
      };
      const path = "/meshes/default/meshtimeouts/labelled";
      await write(zone, path, meshTimeout("default", "labelled", labels));
      assert.deepEqual((await get(zone, path)).labels, {
        ...labels,
        "kuma.io/mesh": "default",
        "kuma.io/origin": "zone",
        "kuma.io/zone": "zone-1",
      });
      const mesh = { type: "Mesh", name: "labelled", labels: { "kuma.io/env": "universal" }, ...NO_POLICIES };
      await write(zone, "/meshes/labelled", mesh);
      assert.deepEqual((await get(zone, "/meshes/labelled")).labels, mesh.labels);
    });

    it("of a proxy's type are the control plane's", async () => {
      const labels = { "kuma.io/proxy-type": "mine", "kuma.io/workload": "web" };
      await write(zone, "/meshes/default/dataplanes/labelled", {
        ...dataplane("default", "labelled"),
        labels,
      });
      const { labels: given } = await get(zone, "/meshes/default/dataplanes/labelled");
      assert.equal(given["kuma.io/proxy-type"], "sidecar");
      assert.equal(given["kuma.io/workload"], "web");
    });
  });

  describe("what is made of proxies", () => {
    let zone: ControlPlane;
    const proxy = (port: number) => ({
      ...dataplane("exclusive", "shop-1"),
      labels: { "kuma.io/workload": "shop" },
      networking: {
        address: "127.0.0.1",
        inbound: [{ port, name: "web", tags: { "kuma.io/service": "shop" } }],
      },
    });
    const service = "/meshes/exclusive/meshservices/shop";
    before(async () => {
      zone = await start(kind, { mode: "zone", env: { KUMA_MULTIZONE_ZONE_NAME: "zone-1" } });
      const meshServices = { mode: "Exclusive" };
      await write(zone, "/meshes/exclusive", {
        type: "Mesh",
        name: "exclusive",
        meshServices,
        ...NO_POLICIES,
      });
      await write(zone, "/meshes/exclusive/dataplanes/shop-1", proxy(8080));
      await until("the service", async () => (await call(zone, "GET", service)).status === 200);
    });

    it("is a MeshService and a Workload, which say so", async () => {
      const { labels, spec } = await get(zone, service);
      assert.deepEqual(labels, {
        "kuma.io/display-name": "shop",
        "kuma.io/env": "universal",
        "kuma.io/managed-by": "meshservice-generator",
        "kuma.io/mesh": "exclusive",
        "kuma.io/origin": "zone",
        "kuma.io/zone": "zone-1",
      });
      assert.equal(spec.ports[0].port, 8080);
      await until("the workload", async () => (await get(zone, "/workloads")).total === 1);
      const [workload] = (await get(zone, "/workloads")).items;
      assert.equal(workload.name, "shop");
      assert.equal(workload.labels["kuma.io/managed-by"], "workload-generator");
    });

    it("says whether a proxy serves it, and by which identities its proxies are known", async () => {
      const found = await until("its state", async () => {
        const { spec } = await get(zone, service);
        return spec.state === "Available" && spec.identities && spec;
      });
      assert.deepEqual(found.identities, [{ type: "ServiceTag", value: "shop" }]);
      const mine = (port: number) => ({
        ...{ type: "MeshService", mesh: "exclusive", name: "mine" },
        spec: {
          selector: { dataplaneTags: { "kuma.io/service": "shop" } },
          ports: [{ port, targetPort: port, name: "web", appProtocol: "tcp" }],
        },
      });
      const path = "/meshes/exclusive/meshservices/mine";
      await write(zone, path, mine(8080));
      await until("the state of one that a user made", async () => {
        const { spec } = await get(zone, path);
        return spec.state === "Available" && spec.identities?.[0].value === "shop";
      });
      await write(zone, path, mine(1234));
      await until("no proxy to serve a port that none has", async () => {
        return (await get(zone, path)).spec.state === "Unavailable";
      });
    });

    it("follows the proxy", async () => {
      await write(zone, "/meshes/exclusive/dataplanes/shop-1", proxy(9090));
      await until("the new port", async () => (await get(zone, service)).spec.ports[0].port === 9090);
    });

    it("keeps its name in a label that cannot be taken away", async () => {
      const { labels: given, ...body } = await get(zone, service);
      const labels: Record<string, string> = { ...given };
      delete labels["kuma.io/display-name"];
      const document = { type: "MeshService", mesh: "exclusive", name: "shop", labels, spec: body.spec };
      assertError(await call(zone, "PUT", service, document), 400, "Could not update a resource", {
        'labels["kuma.io/display-name"]': /^is immutable, cannot be removed/,
      });
      await write(zone, service, { ...document, labels: given });
    });

    it("is an authority of its own for a MeshIdentity that asks for that", async () => {
      await write(zone, "/meshes/exclusive/meshidentities/identity", {
        type: "MeshIdentity",
        mesh: "exclusive",
        name: "identity",
        spec: {
          selector: { dataplane: { matchLabels: {} } },
          provider: {
            type: "Bundled",
            bundled: {
              meshTrustCreation: "Disabled",
              insecureAllowSelfSigned: true,
              certificateParameters: { expiry: "24h" },
              autogenerate: { enabled: true },
            },
          },
        },
      });
      await until("its secrets", async () => {
        const secrets = await names(zone, "/meshes/exclusive/secrets");
        return secrets.includes("identity-root-ca") && secrets.includes("identity-private-key");
      });
    });
  });

  describe("a provided authority", () => {
    let zone: ControlPlane;
    const backend = {
      name: "corp-ca",
      type: "provided",
      conf: { cert: { secret: "corp-ca-cert" }, key: { secret: "corp-ca-key" } },
    };
    const mesh = (mtls?: Record<string, unknown>) => ({ type: "Mesh", name: "corp", mtls, ...NO_POLICIES });
    before(async () => {
      zone = await start(kind, { mode: "zone" });
    });

    it("wants its secrets, unless that is not to be looked at", async () => {
      const mtls = { enabledBackend: "corp-ca", backends: [backend] };
      const missing = /could not load data: .*not found/;
      assertError(await call(zone, "PUT", "/meshes/corp", mesh(mtls)), 400, "Failed to create a resource", {
        "mtls.backends[0].conf.cert": missing,
        "mtls.backends[0].conf.key": missing,
      });
      const secret = { type: "Secret", mesh: "corp", name: "corp-ca-cert", data: encoded("x") };
      assert.equal((await call(zone, "PUT", "/meshes/corp/secrets/corp-ca-cert", secret)).status, 404);

      await write(zone, "/meshes/corp", mesh({ ...mtls, skipValidation: true }));
      assertError(await call(zone, "PUT", "/meshes/corp", mesh(mtls)), 400, "Failed to update a resource");
      const pair = await createAuthority("corp", "rsa");
      const put = (name: string, content: string) =>
        write(zone, `/meshes/corp/secrets/${name}`, { ...secret, name, data: encoded(content) });
      await put("corp-ca-cert", pair.cert);
      await put("corp-ca-key", pair.key);
      await write(zone, "/meshes/corp", mesh(mtls));
      assert.notEqual((await get(zone, "/meshes/corp")).mtls.skipValidation, true);
    });
  });

  describe("the limit of a message", () => {
    const filled = (name: string) => ({
      type: "Secret",
      mesh: "m1",
      name,
      data: randomBytes(400_000).toString("base64"),
    });
    const fill = async (global: ControlPlane, count: number) => {
      await write(global, "/meshes/m1", { type: "Mesh", name: "m1", ...NO_POLICIES });
      for (let i = 0; i < count; i++) await write(global, `/meshes/m1/secrets/s${i}`, filled(`s${i}`));
    };
    const arrived = async (zone: ControlPlane) =>
      (await names(zone, "/meshes")).includes("m1") ? (await names(zone, "/meshes/m1/secrets")).length : 0;

    it("holds for everything of one type, and is told", async () => {
      const global = await newGlobal(kind);
      assert.equal((await get(global, "/config")).multizone.global.kds.maxMsgSize, 10_485_760);
      await fill(global, 27);
      const zone = await federatedZone(kind, global, "zone-1");
      assert.equal((await get(zone, "/config")).multizone.zone.kds.maxMsgSize, 10_485_760);
      await until("the zone to have tried", async () => (await names(global, "/zones")).includes("zone-1"));
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      assert.equal(await arrived(zone), 0);
      await Promise.all([zone.stop(), global.stop()]);
    });

    it("is that of both sides", async () => {
      const raised = {
        KUMA_MULTIZONE_GLOBAL_KDS_MAX_MSG_SIZE: "30000000",
        KUMA_MULTIZONE_ZONE_KDS_MAX_MSG_SIZE: "30000000",
      };
      const global = await newGlobal(kind, raised);
      await fill(global, 27);
      const zone = await federatedZone(kind, global, "zone-1", raised);
      // with the key that signs the tokens of its proxies
      await until("the secrets", async () => (await arrived(zone)) === 28);
      await Promise.all([zone.stop(), global.stop()]);
    });
  });

  describe("tokens of users", () => {
    it("end when they are revoked, or when their key goes", async () => {
      const cp = await start(kind, {
        mode: "global",
        env: { KUMA_API_SERVER_AUTHN_LOCALHOST_IS_ADMIN: "true" },
      });
      const token = secretValue(await get(cp, "/global-secrets/admin-user-token"));
      const status = async () =>
        (await call(cp, "GET", "/who-am-i", undefined, { ...STRANGER, authorization: `Bearer ${token}` }))
          .status;
      assert.equal(await status(), 200);
      const { jti } = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString("utf8"));
      const path = "/global-secrets/user-token-revocations";
      const revoke = (ids: string) =>
        write(cp, path, { type: "GlobalSecret", name: "user-token-revocations", data: encoded(ids) });
      await revoke(`another,${jti}\n`);
      await until("the revocation to count", async () => (await status()) === 401);
      await revoke("another");
      await until("the token to count again", async () => (await status()) === 200);
      const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
      const pem = privateKey.export({ format: "pem", type: "pkcs1" }).toString();
      await write(cp, "/global-secrets/user-token-signing-key-1", {
        type: "GlobalSecret",
        name: "user-token-signing-key-1",
        data: encoded(pem),
      });
      await until("the key to count", async () => (await status()) === 401);
    });
  });
});
