import type { Resource } from "../../resource/resource";
import { hasSameBody, writtenName } from "../changes";
import type { ZoneRecord } from "../record";
import type { Comparison, Occasion, Rule } from "../rule";
import { LABEL, isHashedCopy, isSecret, ofLabel, ofOneOf, originOf } from "./kuma";

/** Resources that come from a global under another name, those that come for the first time, and those that a former one had sent. */
export const NAMES: readonly Rule[] = [
  {
    code: "renamed-by-sync",
    occasions: ["joined"],
    effect: "renamed",
    reason:
      "The global owns it now, and its sync gives the zone's copy the name <name>-<hash>. The first name stays in the label kuma.io/display-name.",
    source: "pkg/kds/hash/hash.go, pkg/kds/context/context.go (HashSuffixMapper)",
    explains: (difference) =>
      difference.kind === "renamed" &&
      originOf(difference.before) !== "zone" &&
      isHashedCopy(difference.after) &&
      !isKeptByName(difference.after),
    foretells: (resource, record) =>
      comesFromGlobalOnceJoined(resource, record) && !isKeptByName(resource)
        ? `becomes ${writtenName(resource)}-<hash>`
        : undefined,
  },
  {
    code: "handed-over",
    occasions: ["handedOver"],
    effect: "renamed",
    reason:
      "The profile federation-with-policies makes it the global's: the zone's own is retired, and the global's copy has the name <name>-<hash>.",
    source: "pkg/kds/hash/hash.go, pkg/kds/context/context.go (HashSuffixMapper)",
    explains: (difference) =>
      difference.kind === "renamed" &&
      originOf(difference.before) === "zone" &&
      isHashedCopy(difference.after),
  },
  {
    code: "handed-over-before",
    occasions: ["handedOver"],
    effect: "gone",
    reason:
      "The global had the same policy already, of another zone or of a former membership: its copy was in the zone before, and the zone's own is retired.",
    source: "measured",
    explains: ({ kind, before }, { beforeByKey, afterByKey }) =>
      kind === "gone" &&
      originOf(before) === "zone" &&
      [...afterByKey].some(
        ([key, copy]) =>
          beforeByKey.has(key) &&
          isHashedCopy(copy) &&
          writtenName(copy) === writtenName(before) &&
          hasSameBody(copy, before),
      ),
  },
  {
    code: "name-kept-in-label",
    occasions: ["joined", "handedOver"],
    effect: "relabelled",
    reason: "A copy under another name says in kuma.io/display-name what it was called.",
    source: "pkg/kds/util/meta.go (WithName)",
    explains: (difference) => {
      const change = ofLabel(difference, LABEL.displayName);
      return (
        change !== undefined &&
        originOf(change.after) === "global" &&
        change.was === undefined &&
        change.is === writtenName(change.before)
      );
    },
    foretells: (resource, record) =>
      comesFromGlobalOnceJoined(resource, record) &&
      (!isKeptByName(resource) || isPrivateZoneKey(resource)) &&
      resource.labels?.[LABEL.displayName] === undefined
        ? `gets ${LABEL.displayName}: ${writtenName(resource)}`
        : undefined,
  },
  {
    code: "comes-from-the-global",
    occasions: ["joined", "handedOver"],
    effect: "new",
    reason: "The global has it, and sends it to every zone.",
    source: "pkg/kds/context/context.go (GlobalProvidedFilter)",
    explains: (difference, comparison) =>
      difference.kind === "new" &&
      originOf(difference.after) === "global" &&
      !isPublicZoneKey(difference.after) &&
      !isTwiceInZone(difference.after, comparison),
  },
  {
    code: "first-name-again",
    occasions: ["back"],
    effect: "renamed",
    reason:
      "A global that the zone was a member of before had left it in the zone under the name <name>-<hash>, with labels of its own. It is written back under its first name, and gets the labels that the zone gives.",
    source: "measured",
    explains: (difference) => {
      const { kind, before, after } = difference;
      if (kind === "renamed") return isHashedCopy(before) && !isHashedCopy(after);
      const change = ofOneOf(difference, KUMAS_LABELS);
      if (!change || !isHashedCopy(change.before) || isHashedCopy(change.after)) return false;
      // of those that are new other rules tell
      return change.was !== undefined || OF_NAMESPACE.has(change.path[1]);
    },
  },
  {
    code: "of-another-zone",
    occasions: ["joined", "back"],
    effect: "gone",
    reason:
      "A global that the zone was a member of before had sent it what another zone has. It goes unless that zone is a member of the global that is joined, and does not come back.",
    source: "pkg/kds/v2/store/sync.go (Sync)",
    explains: ({ kind, before }, { before: record }) => kind === "gone" && isOfAnotherZone(before, record),
    foretells: (resource, record) =>
      isOfAnotherZone(resource, record)
        ? `goes, unless zone ${resource.labels?.[LABEL.zone]} is a member of the same global`
        : undefined,
  },
];

const KUMAS_LABELS = Object.values(LABEL);
const OF_NAMESPACE = new Set<string>([LABEL.namespace, LABEL.policyRole]);

/** A copy of what only a zone has: no global owns any. */
function isOfAnotherZone(resource: Resource, { zone }: ZoneRecord): boolean {
  const of = resource.labels?.[LABEL.zone];
  return OF_ZONES.has(resource.type) && originOf(resource) === "global" && of !== undefined && of !== zone;
}

/** What goes from one zone to the others and is no policy (Kuma v2.14.3, SyncedAcrossZonesFlag in zz_generated.resources.go). */
const OF_ZONES = new Set(["MeshService", "MeshZoneAddress", "ZoneIngress"]);

/** Copies of these keep their name. Source: Kuma v2.14.3, SkipKDSHash in zz_generated.resources.go. */
export function isKeptByName(resource: Resource): boolean {
  return resource.type === "Mesh" || isSecret(resource);
}

export function isPrivateZoneKey(resource: Resource | undefined): boolean {
  return resource?.type === "GlobalSecret" && resource.name.startsWith("zone-token-signing-key-");
}

export function isPublicZoneKey({ type, name }: Resource): boolean {
  return type === "GlobalSecret" && name.startsWith("zone-token-signing-public-key-");
}

/** A policy that the zone goes on owning, and that comes from the global as well, is in force twice. */
function isTwiceInZone(copy: Resource, { afterByKey }: Comparison): boolean {
  if (isInitialPolicy(copy)) return false;
  const own = afterByKey.get(
    `${copy.type} ${copy.mesh === undefined ? "" : `${copy.mesh}/`}${writtenName(copy)}`,
  );
  return own !== undefined && originOf(own) === "zone" && hasSameBody(own, copy);
}

/**
 * A policy that each control plane makes for itself with each mesh, so that a zone and its global have both their own.
 * Source: Kuma v2.14.3, pkg/defaults/mesh/mesh.go.
 */
function isInitialPolicy(resource: Resource): boolean {
  const prefixes = ["mesh-circuit-breaker", "mesh-retry", "mesh-timeout", "mesh-gateways-timeout"];
  return prefixes.some((prefix) => writtenName(resource) === `${prefix}-all-${resource.mesh}`);
}

/**
 * Whether a zone takes it from its global once it has joined: what it does not tell to be its own, as far as a global sends
 * it. A secret that the zone has already is in the way of the global's copy, and stays as it is (pkg/kds/v2/store/sync.go,
 * SkipConflictResource).
 */
export function comesFromGlobalOnceJoined(resource: Resource, record: ZoneRecord): boolean {
  if (resource.labels?.["kuma.io/kds-sync"] === "disabled") return false;
  if (isSecret(resource)) return startsOnNewStore(record, "joined") && !isNeverSent(resource);
  return (
    originOf(resource) === undefined && !STAYS_WITH_ZONE.has(resource.type) && !isMadeOfIdentity(resource)
  );
}

/**
 * The zone's control plane makes it of a MeshIdentity, without labels, and keeps it. Source: Kuma v2.14.3,
 * pkg/core/resources/apis/meshidentity/status/updater.go.
 */
export function isMadeOfIdentity(resource: Resource): boolean {
  return resource.type === "MeshTrust" && originOf(resource) === undefined;
}

/** Source: Kuma v2.14.3 pkg/kds/context/context.go, GlobalProvidedFilter. */
export function isNeverSent({ type, name }: Resource): boolean {
  return (
    type === "GlobalSecret" &&
    /^(envoy-admin-ca|inter-cp-ca|admin-user-token|user-token-revocations|user-token-signing-key-.*)$/.test(
      name,
    )
  );
}

/**
 * Whether the zone's next life begins on an empty store. One in memory is empty after every restart. A zone on Postgres is
 * federated on a second database, and goes back to the first one; the stand-in's file is removed on the way back.
 */
export function startsOnNewStore({ store }: ZoneRecord, occasion: Occasion): boolean {
  return store === "memory" || store === (occasion === "joined" ? "postgres" : "file");
}

/** No global sends these. Source: Kuma v2.14.3, KDS flags in zz_generated.resources.go. */
const STAYS_WITH_ZONE = new Set([
  "Config",
  "Dataplane",
  "HostnameGenerator",
  "MeshService",
  "Workload",
  "MeshZoneAddress",
  "Zone",
  "ZoneIngress",
  "ZoneEgress",
]);
