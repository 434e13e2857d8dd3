import {
  publicHalf,
  secretText,
  ZONE_TOKEN_KEY,
  ZONE_TOKEN_PUBLIC_KEY,
  USER_TOKEN_KEY,
} from "../crypto/signingKeys";
import { displayName, isLocal, LABEL, type Labels, type Resource, sortedLabels } from "../resources/model";
import type { Store } from "../resources/store";
import type { ResourceType } from "../resources/types";
import { hashedName } from "./hash";
import type { WireResource } from "./protocol";

/** Says of every resource of a type whether it is sent, and as what. */
export type Selection = (type: ResourceType) => WireResource[];

/** Belong to the control plane that they are on. */
const OWN_GLOBAL_SECRETS = new Set([
  "envoy-admin-ca",
  "admin-user-token",
  "inter-cp-ca",
  "user-token-revocations",
]);

/**
 * What a global control plane sends to a zone.
 * Source: Kuma v2.14.3 pkg/kds/context/context.go, GlobalProvidedFilter and the global mappers.
 */
export function globalSelection(store: Store, zone: string): Selection {
  const map = memoized(mapForZone);
  return (type) =>
    store
      .list(type.name)
      .filter((resource) => isSentToZone(store, type, resource, zone))
      .map((resource) => map(type, resource));
}

/**
 * What a zone sends to its global control plane: whatever was made in it.
 * Source: Kuma v2.14.3 pkg/kds/context/context.go, ZoneProvidedFilter and the zone mappers.
 */
export function zoneSelection(store: Store, zone: string): Selection {
  const map = memoized((_type, resource) => {
    const labels = { ...resource.labels, [LABEL.origin]: "zone", [LABEL.zone]: zone };
    return rehashed({ ...resource, labels });
  });
  return (type) =>
    store
      .list(type.name)
      .filter((resource) => !syncDisabled(resource) && isLocal("zone", resource.labels))
      .map((resource) => map(type, resource));
}

type Mapper = (type: ResourceType, resource: Resource) => WireResource;

/** The store never changes a resource in place, so that an unchanged resource has an unchanged image. */
function memoized(map: Mapper): Mapper {
  const images = new WeakMap<Resource, WireResource>();
  return (type, resource) => {
    let image = images.get(resource);
    if (!image) {
      image = map(type, resource);
      images.set(resource, image);
    }
    return image;
  };
}

function syncDisabled(resource: Resource): boolean {
  return resource.labels[LABEL.kdsSync] === "disabled";
}

function isSentToZone(store: Store, type: ResourceType, resource: Resource, zone: string): boolean {
  if (syncDisabled(resource)) {
    return false;
  }
  if (type.name === "Config" && resource.name !== "kuma-cluster-id") {
    return false;
  }
  if (
    type.name === "GlobalSecret" &&
    (OWN_GLOBAL_SECRETS.has(resource.name) || resource.name.startsWith(USER_TOKEN_KEY))
  ) {
    return false;
  }
  if (isLocal("global", resource.labels)) {
    return type.sync.globalToZones;
  }
  return type.sync.acrossZones && goesToOtherZones(store, type, resource, zone);
}

/** Policies reach other zones only when they are a producer's, which no policy of a Universal zone is. */
function goesToOtherZones(store: Store, type: ResourceType, resource: Resource, zone: string): boolean {
  if (type.policy && resource.labels[LABEL.policyRole] !== "producer") {
    return false;
  }
  const from = resource.labels[LABEL.zone] ?? "";
  const enabled = store.get("Zone", { mesh: "", name: from })?.body.enabled;
  return from !== zone && enabled !== false;
}

function mapForZone(type: ResourceType, resource: Resource): WireResource {
  const labels: Labels = { ...resource.labels, [LABEL.origin]: "global" };
  const sent = { ...resource, labels };
  if (type.name === "GlobalSecret" && resource.name.startsWith(ZONE_TOKEN_KEY)) {
    return publicKeyOf(sent);
  }
  if (type.hasStatus) {
    sent.body = { ...resource.body, status: {} };
  }
  return type.keepsName ? plain(sent) : rehashed(sent);
}

function publicKeyOf(secret: Resource): WireResource {
  const name = secret.name.replace(ZONE_TOKEN_KEY, ZONE_TOKEN_PUBLIC_KEY);
  const data = Buffer.from(publicHalf(secretText(secret)), "utf8").toString("base64");
  return plain({ ...renamed(secret, name), body: { data } });
}

function rehashed(resource: Resource): WireResource {
  const values = [LABEL.zone, LABEL.namespace].flatMap((label) =>
    label in resource.labels ? [resource.labels[label]] : [],
  );
  return plain(renamed(resource, hashedName(resource.mesh, displayName(resource), ...values)));
}

/** A resource that changes its name keeps the one that users know in a label. Source: pkg/kds/util/meta.go, WithName. */
function renamed(resource: Resource, name: string): Resource {
  return { ...resource, name, labels: { ...resource.labels, [LABEL.displayName]: displayName(resource) } };
}

function plain({ mesh, name, labels, body }: Resource): WireResource {
  return { mesh, name, labels: sortedLabels(labels), body };
}
