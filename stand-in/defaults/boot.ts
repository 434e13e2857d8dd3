import { randomUUID } from "node:crypto";

import { type Config, isFederated } from "../config";
import { createAuthority, type KeyPairPem } from "../crypto/certificates";
import {
  createSigningKey,
  FIRST_KEY_ID,
  latestSigningKey,
  USER_TOKEN_KEY,
  ZONE_TOKEN_KEY,
} from "../crypto/signingKeys";
import { issueToken } from "../crypto/tokens";
import type { Store } from "../resources/store";
import { newResource, newSecret } from "../resources/writer";
import { createMeshResources } from "./meshResources";
import { ensureHostnameGenerators } from "./hostnameGenerators";

const CLUSTER_ID = { type: "Config", mesh: "", name: "kuma-cluster-id" };
const ADMIN_TOKEN_VALID_FOR_MS = 10 * 365 * 24 * 60 * 60 * 1000;

/**
 * Makes what a control plane makes at its start, unless a former run or a global control plane has made it.
 * A federated zone leaves the mesh, the zone token key and the cluster id to the global one.
 * Source: Kuma v2.14.3 pkg/defaults and pkg/clusterid.
 */
export async function ensureDefaults(store: Store, config: Config): Promise<void> {
  const onItsOwn = !isFederated(config);
  const keyPair = async (commonName: string): Promise<string> =>
    joined(await createAuthority(commonName, "ec"));
  await Promise.all([
    ensureSecret(store, `${USER_TOKEN_KEY}-${FIRST_KEY_ID}`, createSigningKey),
    ensureSecret(store, "inter-cp-ca", () => keyPair("Control Plane Intercommunication CA")),
    config.mode === "zone"
      ? ensureSecret(store, "envoy-admin-ca", () => keyPair("Envoy Admin CA"))
      : Promise.resolve(),
    onItsOwn ? ensureSecret(store, `${ZONE_TOKEN_KEY}-${FIRST_KEY_ID}`, createSigningKey) : Promise.resolve(),
    onItsOwn ? ensureDefaultMesh(store, config) : Promise.resolve(),
  ]);
  ensureHostnameGenerators(store, config);
  if (config.mode === "zone") {
    ensureOwnZoneOnly(store, config.zone.name);
  }
  if (onItsOwn && !store.get(CLUSTER_ID.type, CLUSTER_ID)) {
    store.create(newResource({ ...CLUSTER_ID, body: { config: randomUUID() } }));
  }
  await ensureSecret(store, "admin-user-token", () => Promise.resolve(adminToken(store)));
}

/** Empty on a federated zone until the global control plane has sent it. */
export function clusterId(store: Store): string {
  return String(store.get(CLUSTER_ID.type, CLUSTER_ID)?.body.config ?? "");
}

async function ensureSecret(store: Store, name: string, create: () => Promise<string>): Promise<void> {
  const ref = { mesh: "", name };
  if (!store.get("GlobalSecret", ref)) {
    store.create(newSecret(ref, await create()));
  }
}

async function ensureDefaultMesh(store: Store, config: Config): Promise<void> {
  if (config.defaults.skipMeshCreation || store.get("Mesh", { mesh: "", name: "default" })) {
    return;
  }
  const mesh = newResource({ type: "Mesh", mesh: "", name: "default", body: {} });
  store.create(mesh);
  await createMeshResources(store, mesh, { mode: config.mode, zoneName: config.zone.name });
}

/** A zone that was renamed forgets its old name. Source: Kuma v2.14.3 pkg/defaults/zone.go. */
function ensureOwnZoneOnly(store: Store, zoneName: string): void {
  for (const zone of store.list("Zone")) {
    if (zone.name !== zoneName) {
      store.delete(zone);
    }
  }
  if (!store.get("Zone", { mesh: "", name: zoneName })) {
    store.create(newResource({ type: "Zone", mesh: "", name: zoneName, body: {} }));
  }
}

function adminToken(store: Store): string {
  const claims = { Name: "mesh-system:admin", Groups: ["mesh-system:admin"] };
  return issueToken(claims, latestSigningKey(store, USER_TOKEN_KEY, "")!, ADMIN_TOKEN_VALID_FOR_MS);
}

function joined(pair: KeyPairPem): string {
  return pair.cert + pair.key;
}
