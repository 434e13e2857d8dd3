import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as tls from "node:tls";

import { ControlPlane as Client, exchangeMarkers } from "../../kuma";
import {
  assertError,
  call,
  dataplane,
  get,
  legacyTimeout,
  meshTimeout,
  names,
  remove,
  secretValue,
  write,
} from "./support/client";
import { onEachControlPlane } from "./support/kinds";
import { type ControlPlane, type Kind, start, temporaryDir } from "./support/process";
import { DEADLINE_MS, until } from "../support/until";

/* eslint-disable @typescript-eslint/no-explicit-any -- answers are looked into, not typed */

/** What a zone logs that does not take the certificate of its global: the real one, and the stand-in. */
const UNTRUSTED = /x509: |self-signed certificate/;
const labelsOfZone = { "kuma.io/origin": "zone" };

/** Starts a zone that trusts the global control plane's own certificate, which is for localhost among others. */
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

async function lastSubscription(global: ControlPlane, zone: string): Promise<any> {
  const overview = await get(global, `/zones+insights/${zone}`);
  return overview.zoneInsight?.subscriptions?.at(-1);
}

async function isOnline(global: ControlPlane, zone: string): Promise<boolean> {
  const subscription = await lastSubscription(global, zone);
  return subscription?.connectTime !== undefined && subscription.disconnectTime === undefined;
}

onEachControlPlane("Synchronisation", (kind) => {
  let global: ControlPlane;
  let zone: ControlPlane;

  before(async () => {
    global = await start(kind, { mode: "global", env: { KUMA_DEFAULTS_SKIP_MESH_CREATION: "true" } });
    await write(global, "/meshes/m1", { type: "Mesh", name: "m1", skipCreatingInitialPolicies: ["*"] });
    await write(global, "/meshes/m1/meshtimeouts/down", meshTimeout("m1", "down"));
    await write(global, "/meshes/m1/timeouts/legacy", legacyTimeout("m1", "legacy"));
    const secret = { type: "Secret", mesh: "m1", name: "shared", data: "c2hhcmVk" };
    await write(global, "/meshes/m1/secrets/shared", secret);
    await write(global, "/global-secrets/everywhere", {
      type: "GlobalSecret",
      name: "everywhere",
      data: "eA==",
    });
    // Copied from the zone with its label, as an export leaves it: the global control plane takes it for the zone's.
    const trap = meshTimeout("m1", "trap", { "kuma.io/zone": "zone-1" });
    await write(global, "/meshes/m1/meshtimeouts/trap", trap);
    zone = await federatedZone(kind, global, "zone-1");
    await until("the mesh to arrive in the zone", async () => (await names(zone, "/meshes")).includes("m1"));
  });

  it("goes by HTTP/2, on which the port for zones agrees", async () => {
    const secure = tls.connect({
      ...{ host: "localhost", port: global.kdsPort, ALPNProtocols: ["h2"] },
      ca: readFileSync(join(global.workDir, "kuma-cp.crt")),
    });
    await once(secure, "secureConnect");
    assert.equal(secure.alpnProtocol, "h2");
    secure.destroy();
  });

  it("brings the meshes of the global control plane, and no default mesh", async () => {
    assert.deepEqual(await names(zone, "/meshes"), ["m1"]);
    const mesh = await get(zone, "/meshes/m1");
    assert.deepEqual(mesh.labels, { "kuma.io/origin": "global" });
    const [ofZone, ofGlobal] = await Promise.all([get(zone, "/"), get(global, "/")]);
    assert.equal(ofZone.clusterId, ofGlobal.clusterId);
    assert.equal(ofZone.gui, "");
  });

  it("brings policies under a name with a hash, and their own name in a label", async () => {
    const path = "/meshes/m1/meshtimeouts";
    await until("the policy", async () => (await names(zone, path)).length === 1);
    const [policy] = (await get(zone, path)).items;
    // The hash is over mesh and name alone, so that it is the same everywhere.
    assert.equal(policy.name, "down-wx6899x54xd6xzvc");
    assert.deepEqual(policy.labels, {
      "kuma.io/display-name": "down",
      "kuma.io/mesh": "m1",
      "kuma.io/origin": "global",
    });
    assert.equal(policy.kri, "kri_mt_m1___down_");
    const [legacy] = (await get(zone, "/meshes/m1/timeouts")).items;
    assert.match(legacy.name, /^legacy-[a-z0-9]{16}$/);
  });

  it("has a policy cross each way when asked for a sign, and none is left behind", async () => {
    const manifest = { "Mesh m1": "" };
    const [there, here] = [global, zone].map(({ url }) => new Client({ title: url, url }));
    await exchangeMarkers({ zone: here, global: there, zoneName: "zone-1" }, manifest, DEADLINE_MS);
    for (const cp of [global, zone]) {
      const left = (await names(cp, "/meshes/m1/meshtimeouts")).filter((name) => name.includes("marker"));
      assert.deepEqual(left, []);
    }
    there.close();
    here.close();
  });

  it("brings secrets under their own names, but of the zone token key only the public half", async () => {
    await until("the secrets", async () => (await names(zone, "/meshes/m1/secrets")).length === 2);
    const secret = await get(zone, "/meshes/m1/secrets/shared");
    assert.equal(secretValue(secret), "shared");
    assert.equal(secret.labels["kuma.io/origin"], "global");
    assert.deepEqual(await names(zone, "/global-secrets"), [
      "admin-user-token",
      "envoy-admin-ca",
      "everywhere",
      "inter-cp-ca",
      "user-token-signing-key-1",
      "zone-token-signing-public-key-1",
    ]);
    const key = await get(zone, "/global-secrets/zone-token-signing-public-key-1");
    assert.match(secretValue(key), /^-----BEGIN RSA PUBLIC KEY-----/);
    for (const name of ["admin-user-token", "user-token-signing-key-1"]) {
      const [here, there] = await Promise.all([zone, global].map((cp) => get(cp, `/global-secrets/${name}`)));
      assert.notEqual(here.data, there.data);
    }
  });

  it("admits a zone that nobody announced and that has no credential, and sends it every key of a mesh", async () => {
    // the attack that docs/security.md tells of; Kuma 2 has nothing against it
    const backends = [{ name: "ca-1", type: "builtin" }];
    const mtls = { enabledBackend: "ca-1", backends };
    await write(global, "/meshes/keys", {
      type: "Mesh",
      name: "keys",
      mtls,
      skipCreatingInitialPolicies: ["*"],
    });
    // under another name than the zone's own, which would be in the way of the global's
    const { data } = await get(global, "/global-secrets/user-token-signing-key-1");
    const signingKey = "/global-secrets/user-token-signing-key-2";
    await write(global, signingKey, { type: "GlobalSecret", name: "user-token-signing-key-2", data });
    const rogue = await start(kind, {
      mode: "zone",
      env: {
        KUMA_MULTIZONE_ZONE_NAME: "rogue",
        KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS: `grpcs://localhost:${global.kdsPort}`,
        KUMA_MULTIZONE_ZONE_KDS_TLS_SKIP_VERIFY: "true",
      },
    });
    for (const name of ["keys.ca-builtin-key-ca-1", "dataplane-token-signing-key-keys-1"]) {
      const key = `/meshes/keys/secrets/${name}`;
      const sent = (await get(global, key)) as { data: string };
      await until(`${key} to arrive in the rogue zone`, async () => {
        return (await call(rogue, "GET", key)).json?.data === sent.data;
      });
    }
    await until("the global secrets", async () => {
      return (await names(rogue, "/global-secrets")).includes("everywhere");
    });
    assert.equal((await call(rogue, "GET", signingKey)).status, 404, "what signs users' tokens is not sent");
    await rogue.stop();
    await remove(global, "/meshes/keys");
    await remove(global, signingKey);
  });

  it("deletes on the global control plane what carries the zone's label and the zone does not have", async () => {
    await until(
      "the trap to close",
      async () => !(await names(global, "/meshes/m1/meshtimeouts")).includes("trap"),
    );
  });

  it("brings changes and deletions", async () => {
    const spec = (list: any): string | undefined => list.items[0]?.spec.to[0].default.idleTimeout;
    await write(global, "/meshes/m1/meshtimeouts/down", meshTimeout("m1", "down", undefined, "2h0m0s"));
    await until(
      "the change",
      async () => spec(await get(zone, "/meshes/m1/meshtimeouts?name=down-")) === "2h0m0s",
    );
    await write(global, "/meshes/m1/meshtimeouts/brief", meshTimeout("m1", "brief"));
    const brief = async (): Promise<number> => (await get(zone, "/meshes/m1/meshtimeouts?name=brief-")).total;
    await until("the new policy", async () => (await brief()) === 1);
    await remove(global, "/meshes/m1/meshtimeouts/brief");
    await until("the deletion", async () => (await brief()) === 0);
  });

  it("carries what the zone makes to the global control plane", async () => {
    const own = meshTimeout("m1", "up", labelsOfZone);
    await write(zone, "/meshes/m1/meshtimeouts/up", own);
    await write(zone, "/meshes/m1/dataplanes/dp-1", dataplane("m1", "dp-1"));
    const path = "/meshes/m1/meshtimeouts?name=up-";
    await until("the policy", async () => (await get(global, path)).total === 1);
    const [policy] = (await get(global, path)).items;
    assert.match(policy.name, /^up-[a-z0-9]{16}$/);
    assert.deepEqual(policy.labels, {
      "kuma.io/display-name": "up",
      "kuma.io/env": "universal",
      "kuma.io/mesh": "m1",
      "kuma.io/origin": "zone",
      "kuma.io/zone": "zone-1",
    });
    await until("the proxy", async () => (await get(global, "/meshes/m1/dataplanes")).total === 1);
    const refused = await call(global, "DELETE", `/meshes/m1/meshtimeouts/${policy.name}`);
    assertError(refused, 400, "Could not delete a resource");
    const generators = await names(global, "/hostnamegenerators");
    assert.ok(generators.some((name) => /^local-universal-mesh-service-[a-z0-9]{16}$/.test(name)));
  });

  it("lets a federated zone write only what is the zone's", async () => {
    const title = "Could not process a resource";
    const mesh = await call(zone, "PUT", "/meshes/m2", { type: "Mesh", name: "m2" });
    assertError(mesh, 405, "Method not allowed");
    assertError(
      await call(zone, "PUT", "/meshes/m1/timeouts/t", legacyTimeout("m1", "t")),
      405,
      "Method not allowed",
    );
    const must = { 'labels["kuma.io/origin"]': "the origin label must be set to 'zone'" };
    for (const labels of [undefined, { "kuma.io/origin": "global" }]) {
      const answer = await call(zone, "PUT", "/meshes/m1/meshtimeouts/t", meshTimeout("m1", "t", labels));
      assertError(answer, 400, title, must);
    }
    const [down] = (await get(zone, "/meshes/m1/meshtimeouts?name=down-")).items;
    const deletion = await call(zone, "DELETE", `/meshes/m1/meshtimeouts/${down.name}`);
    assertError(deletion, 400, "Could not delete a resource", {
      '["kuma.io/origin"]': "the origin label must be set to 'zone'",
    });
    const secret = { type: "Secret", mesh: "m1", name: "of-zone", data: "eA==" };
    await write(zone, "/meshes/m1/secrets/of-zone", secret);
    // what was written after it is on the global by then
    await write(zone, "/meshes/m1/meshtimeouts/later", meshTimeout("m1", "later", labelsOfZone));
    await until(
      "a later policy",
      async () => (await get(global, "/meshes/m1/meshtimeouts?name=later-")).total === 1,
    );
    await remove(zone, "/meshes/m1/meshtimeouts/later");
    assert.ok(!(await names(global, "/meshes/m1/secrets")).includes("of-zone"));
  });

  it("shows every type of a federated zone as read only", async () => {
    const { resources } = await get(zone, "/_resources");
    assert.ok(resources.every((type: any) => type.readOnly));
    assert.equal(resources.filter((type: any) => type.includeInFederation).length, 40);
  });

  it("leaves zone tokens to the global control plane", async () => {
    const request = { zone: "zone-1", scope: ["egress"], validFor: "1h" };
    assertError(await call(zone, "POST", "/tokens/zone", request), 404, "Signing Key not found");
    assert.equal((await call(global, "POST", "/tokens/zone", request)).status, 200);
    assert.equal((await call(zone, "POST", "/tokens/user", { name: "x", validFor: "1h" })).status, 200);
  });

  it("shows the zone online with what it acknowledged", async () => {
    await until("the zone to be online", async () => {
      const subscription = await lastSubscription(global, "zone-1");
      return Number(subscription?.status?.total?.responsesAcknowledged ?? 0) >= 45;
    });
    assert.ok(await isOnline(global, "zone-1"));
    const overview = await get(global, "/zones/zone-1/_overview");
    assert.equal(overview.type, "ZoneOverview");
    assert.deepEqual(overview.zone, { enabled: true });
    const subscription = overview.zoneInsight.subscriptions.at(-1);
    assert.equal(subscription.status.total.responsesRejected, undefined);
    assert.equal(typeof subscription.status.stat.Mesh.responsesAcknowledged, "string");
    assert.equal(Object.keys(subscription.status.stat).length, 45);
    assert.match(subscription.version.kumaCp.version, /^2\./);
    assert.equal(subscription.version.kumaCp.kumaCpGlobalCompatible, true);
    assert.equal(JSON.parse(subscription.config).multizone.zone.name, "zone-1");
    assert.ok(subscription.zoneInstanceId && subscription.globalInstanceId && subscription.id);
  });

  it("refuses to delete a zone that is online", async () => {
    assertError(await call(global, "DELETE", "/zones/zone-1"), 400, "Could not delete a resource", {
      zone: "unable to delete Zone, Zone CP is still connected, please shut it down first",
    });
  });

  it("takes a mesh that is deleted away from the zone, with what the zone had in it", async () => {
    await write(global, "/meshes/m3", { type: "Mesh", name: "m3", skipCreatingInitialPolicies: ["*"] });
    await until("the mesh", async () => (await names(zone, "/meshes")).includes("m3"));
    await write(zone, "/meshes/m3/meshtimeouts/own", meshTimeout("m3", "own", labelsOfZone));
    await remove(global, "/meshes/m3");
    await until("the mesh to go", async () => !(await names(zone, "/meshes")).includes("m3"));
    assert.ok(!(await names(zone, "/meshtimeouts")).includes("own"));
  });

  it("shows a zone offline that has stopped, and deletes it with its resources", async () => {
    await zone.stop();
    await until("the zone to be offline", async () => !(await isOnline(global, "zone-1")));
    const own = async (): Promise<number> => (await get(global, "/meshes/m1/meshtimeouts?name=up-")).total;
    assert.equal(await own(), 1);
    await remove(global, "/zones/zone-1");
    await until("the zone's resources to go", async () => (await own()) === 0);
    assert.deepEqual(await names(global, "/meshes/m1/meshtimeouts"), ["down"]);
    assertError(await call(global, "GET", "/zones/zone-1/_overview"), 404, "Could not retrieve a resource");
  });

  it("deletes in the zone, when it connects, a mesh that the global control plane does not have", async () => {
    const workDir = temporaryDir();
    const first = await start(kind, { mode: "global", workDir });
    await write(first, "/meshes/lost", { type: "Mesh", name: "lost", skipCreatingInitialPolicies: ["*"] });
    const other = await federatedZone(kind, first, "zone-2");
    await until("the mesh", async () => (await names(other, "/meshes")).includes("lost"));
    await write(other, "/meshes/lost/meshtimeouts/own", meshTimeout("lost", "own", labelsOfZone));
    await first.stop();
    // The same address and certificate, but nothing of what was in memory.
    const second = await start(kind, { mode: "global", workDir, kdsPort: first.kdsPort });
    await until("the mesh to go", async () => !(await names(other, "/meshes")).includes("lost"));
    assert.ok((await names(other, "/meshes")).includes("default"));
    assert.ok(!(await names(other, "/meshtimeouts")).includes("own"));
    await until("the zone to be online", () => isOnline(second, "zone-2"));
    await Promise.all([other.stop(), second.stop()]);
  });

  it("sends no more of a type than a message holds, and all of it where both sides allow more", async () => {
    const large = { KUMA_MULTIZONE_GLOBAL_KDS_MAX_MSG_SIZE: "20971520" };
    const sending = await start(kind, { mode: "global", env: large });
    await write(sending, "/meshes/full", { type: "Mesh", name: "full", skipCreatingInitialPolicies: ["*"] });
    const data = Buffer.alloc(400_000, "x").toString("base64");
    const wanted = Array.from({ length: 30 }, (_, index) => `large-${index}`);
    for (const name of wanted) {
      await write(sending, `/meshes/full/secrets/${name}`, { type: "Secret", mesh: "full", name, data });
    }
    const [strict, generous] = await Promise.all([
      federatedZone(kind, sending, "strict"),
      federatedZone(kind, sending, "generous", { KUMA_MULTIZONE_ZONE_KDS_MAX_MSG_SIZE: "20971520" }),
    ]);
    const arrived = async (at: ControlPlane) =>
      (await names(at, "/secrets")).filter((name) => wanted.includes(name)).length;
    await until("the secrets", async () => (await arrived(generous)) === wanted.length);
    assert.equal(await arrived(strict), 0);
    await Promise.all([strict.stop(), generous.stop(), sending.stop()]);
  });

  it("connects only when the certificate is trusted and for the address", async () => {
    const [untrusting, misled, careless] = await Promise.all([
      federatedZone(kind, global, "untrusting", { KUMA_MULTIZONE_ZONE_KDS_ROOT_CA_FILE: "" }),
      // Another control plane's certificate: not the one that is shown.
      start(kind, { mode: "global" }).then((other) =>
        federatedZone(kind, global, "misled", {
          KUMA_MULTIZONE_ZONE_KDS_ROOT_CA_FILE: join(other.workDir, "kuma-cp.crt"),
        }),
      ),
      federatedZone(kind, global, "careless", {
        KUMA_MULTIZONE_ZONE_KDS_ROOT_CA_FILE: "",
        KUMA_MULTIZONE_ZONE_KDS_TLS_SKIP_VERIFY: "true",
      }),
    ]);
    await until("the zone that does not verify", async () =>
      (await names(global, "/zones")).includes("careless"),
    );
    for (const refusing of [untrusting, misled])
      await until("the zone to refuse the certificate", () => UNTRUSTED.test(refusing.output()));
    const zones = await names(global, "/zones");
    assert.ok(!zones.includes("untrusting") && !zones.includes("misled"));
    assert.deepEqual(await names(untrusting, "/meshes"), []);
    assert.deepEqual(await names(misled, "/meshes"), []);
    await until("its meshes", async () => (await names(careless, "/meshes")).includes("m1"));
  });
});
