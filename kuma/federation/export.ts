import { ControlPlane } from "../api/client";
import { KnownTypes, knownTypes } from "../api/knownTypes";
import { meshForGlobal } from "../resource/mesh";
import {
  ORIGIN_LABEL,
  Resource,
  ResourceKey,
  SYNC_LABEL,
  cameFromGlobal,
  digest,
  isSecret,
  keyOf,
  sanitize,
  secretText,
  underFirstName,
} from "../resource/resource";
import {
  ResourceType,
  isCarried,
  isHeldBack,
  isOwnSecret,
  isProvidedByZone,
  keepsName,
  mayBeOwnedByZone,
} from "../api/resourceTypes";
import { NO_TOKEN, reasonToRefuse, tokenRules } from "../api/userTokens";

/** What a zone that runs alone holds, sorted by who owns it once the zone is federated. */
export interface ZoneExport {
  /** What the global takes over, in the form in which it is written there. */
  carried: Resource[];
  /** The same as the zone had it, for the way back: a mesh still has its `builtin` authority. */
  originals: Resource[];
  /** Of these, what a global that it was federated with has left in the zone, under the name that it has there. */
  copies: Resource[];
  /** What the zone goes on owning and sends up by KDS: its policies, data plane proxies and the like. */
  kept: Resource[];
  /** Left behind, with the reason. */
  leftOut: { key: ResourceKey; reason: string }[];
  types: KnownTypes;
}

/** The global that a zone is exported for, as far as it does not take everything as it is. */
export interface Recipient {
  /** The reason why a resource that only a global can own does not go there; undefined when it goes. */
  leavesOut(resource: Resource): string | undefined;
  /** A sanitised resource as this global wants it. */
  form(resource: Resource): Resource;
}

/** One that is like the zone, and takes everything. */
const LIKE_THE_ZONE: Recipient = { leavesOut: () => undefined, form: (resource) => resource };

/** key → digest of everything carried: small enough for the state, and without secrets. */
export type Manifest = Record<string, string>;

export function manifestOf(resources: readonly Resource[]): Manifest {
  const entries = resources.map((resource): [string, string] => [keyOf(resource), digest(resource)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Everything that is configured on a zone, each list read to its end; what is computed (insights) is left out. */
export async function readZone(
  zone: ControlPlane,
  wanted: (typeName: string) => boolean = () => true,
): Promise<{ resources: Resource[]; types: KnownTypes }> {
  const types = await knownTypes(zone);
  // the readOnly flag would not do: on Kubernetes it is set for every type
  const configured = [...types.values()].filter(
    ({ name }) => name !== "Zone" && !name.endsWith("Insight") && wanted(name),
  );
  const lists = await Promise.all(configured.map((type) => zone.list(type)));
  return { resources: lists.flat(), types };
}

/** Reads a zone that runs alone and sorts what it holds. */
export async function exportZone(
  zone: ControlPlane,
  recipient: Recipient = LIKE_THE_ZONE,
): Promise<ZoneExport> {
  const { resources, types } = await readZone(zone);
  const refused = refusedToken(resources);
  const result: ZoneExport = { carried: [], originals: [], copies: [], kept: [], leftOut: [], types };
  for (const resource of resources) {
    const type = types.get(resource.type);
    if (isOwnSecret(resource)) {
      result.leftOut.push({ key: resource, reason: "every control plane has its own" });
    } else if (isKeyForZones(resource) || (type && isOfAnotherZone(resource, type))) {
      result.leftOut.push({ key: resource, reason: "a global that it was federated with has sent it" });
    } else if (!type || !isCarried(type) || isOwnedByZone(resource) || isProvidedByZone(type.name)) {
      result.kept.push(resource);
    } else {
      const isCopy = cameFromGlobal(resource) && !keepsName(resource);
      if (isCopy) result.copies.push(resource);
      // names of services are made of it, and its next copy is called as this one is
      const original = sanitize(isCopy ? underFirstName(resource) : resource, zone.environment);
      result.originals.push(original);
      const reason = recipient.leavesOut(resource) ?? refused.get(resource) ?? local(resource, zone);
      if (reason !== undefined) result.leftOut.push({ key: resource, reason });
      else result.carried.push(forGlobal(recipient.form(original)));
    }
  }
  return result;
}

/** The zone's admin token, where the zone itself does not accept it any more; a global may have a better one. */
function refusedToken(resources: readonly Resource[]): Map<Resource, string> {
  const secret = resources.find(({ type, name }) => type === "GlobalSecret" && name === "admin-user-token");
  const token = adminToken(resources);
  const reason = token === undefined ? undefined : reasonToRefuse(token, tokenRules(resources));
  const isRefused = reason !== undefined && reason !== NO_TOKEN;
  return new Map(secret && isRefused ? [[secret, `the zone does not accept it: ${reason}`]] : []);
}

/** A global sends its zones the public halves of its own keys (Kuma v2.14.3, MapZoneTokenSigningKeyGlobalToPublicKey). */
function isKeyForZones({ type, name }: Resource): boolean {
  return type === "GlobalSecret" && /^zone-token-signing-public-key-/.test(name);
}

/**
 * A global sends its zones the zone ingresses and the services of the others. They stay in a cluster where a zone was taken off its
 * global by hand, or not to the end. Of policies with that label the check `deleted-in-zone` tells.
 */
function isOfAnotherZone(resource: Resource, type: ResourceType): boolean {
  return !isCarried(type) && !mayBeOwnedByZone(type) && cameFromGlobal(resource);
}

/** A secret in a cluster outlives the switch, so that its label keeps it there. */
function local(resource: Resource, { environment }: ControlPlane): string | undefined {
  return environment === "kubernetes" && isSecret(resource) && isHeldBack(resource)
    ? `its label ${SYNC_LABEL} keeps it in the zone`
    : undefined;
}

/**
 * Whether the zone goes on owning it and sends it up. A label tells (Kuma 2.8 and later); the list of types serves
 * resources that are older than the label. A secret that a user wrote carries that label as well, yet no secret ever
 * goes up: one that is not carried stays unknown to the global and to every other zone.
 */
export function isOwnedByZone(resource: Resource): boolean {
  if (isSecret(resource)) return false;
  const origin = resource.labels?.[ORIGIN_LABEL];
  return origin === undefined ? isProvidedByZone(resource.type) : origin === "zone";
}

/** A sanitised resource of the zone, in the form in which the global gets it. */
export function forGlobal(original: Resource): Resource {
  return original.type === "Mesh" ? meshForGlobal(original) : original;
}

/** The zone's admin token: a global that has got the zone's signing keys accepts it, and its own no longer. */
export function adminToken(carried: readonly Resource[]): string | undefined {
  const secret = carried.find(({ type, name }) => type === "GlobalSecret" && name === "admin-user-token");
  return typeof secret?.data === "string" ? secretText(secret) : undefined;
}

/** As `adminToken`, read from a zone. */
export async function adminTokenOf(zone: ControlPlane): Promise<string | undefined> {
  return adminToken((await readZone(zone, (name) => name === "GlobalSecret")).resources);
}
