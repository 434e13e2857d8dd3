import { ControlPlane } from "../../api/client";
import { knownTypes } from "../../api/knownTypes";
import {
  Environment,
  NAMESPACE_LABEL,
  ORIGIN_LABEL,
  Resource,
  ResourceKey,
  SYNC_LABEL,
  ZONE_LABEL,
  cameFromGlobal,
  isSyncDisabled,
  keyOf,
  sanitize,
  displayName,
  DISPLAY_NAME_LABEL,
} from "../../resource/resource";
import { isHandedOver } from "../../api/resourceTypes";
import { referencesOf } from "./references";

/** A zone's own policies, by what becomes of them. */
export interface Selection {
  /** As the global is to own them: sanitised, under the names that users know. */
  handedOver: Resource[];
  /** What stays the zone's, with the reason. */
  staying: { key: string; reason: string }[];
}

/** A zone's own targetRef policies and gateways, and the copies that it has of the global's. */
export interface ZonePolicies {
  own: Resource[];
  copies: Resource[];
}

/** Reads the policies of a zone that can be a zone's or a global's, each list to its end. */
export async function readZonePolicies(zone: ControlPlane, zoneName: string): Promise<ZonePolicies> {
  const types = [...(await knownTypes(zone)).values()].filter(isHandedOver);
  const all = (await Promise.all(types.map((type) => zone.list(type)))).flat();
  return { own: all.filter((policy) => isOwn(policy, zoneName)), copies: all.filter(cameFromGlobal) };
}

/** A zone may hold policies of other zones as well (Kuma 2.9 and later: those of producers). */
function isOwn({ labels = {} }: Resource, zoneName: string): boolean {
  return labels[ORIGIN_LABEL] !== "global" && (labels[ZONE_LABEL] ?? zoneName) === zoneName;
}

/** Type, mesh and the name that users know, of an original as well as of a copy (KDS adds a hash to names). */
export function userKey(resource: Resource): ResourceKey {
  const { type, mesh } = resource;
  return { type, mesh, name: displayName(resource) };
}

export function asGlobals(policy: Resource, environment: Environment = "universal"): Resource {
  const { labels, ...fields } = sanitize(policy, environment);
  const { [DISPLAY_NAME_LABEL]: _, ...others } = labels ?? {};
  const isAny = Object.keys(others).length > 0;
  return { ...fields, name: userKey(policy).name, ...(isAny && { labels: others }) } as Resource;
}

/**
 * Types of which two equal policies do more than one, as each adds to the others (Kuma v2.14.3,
 * pkg/plugins/policies/meshfaultinjection/plugin/xds/configurer.go: a filter for every rule).
 */
const ADDING_TYPES = new Set(["MeshFaultInjection"]);

/**
 * Sorts a zone's own policies. One stays the zone's where the global's copy would not do the same in the zone, or where
 * the two would do more than one in the moment in which both are there. `resources` is everything that the zone holds.
 */
export function selectPolicies(
  own: readonly Resource[],
  resources: readonly Resource[],
  { systemNamespace }: Pick<ControlPlane, "systemNamespace">,
): Selection {
  const byKey = new Map(own.map((policy) => [keyOf(userKey(policy)), policy]));
  const zones = new Set(
    resources.filter((each) => !cameFromGlobal(each)).flatMap((each) => [keyOf(userKey(each)), keyOf(each)]),
  );
  const reasons = new Map<Resource, string>();
  for (const policy of own) {
    const reason = reasonToStay(policy, systemNamespace);
    if (reason !== undefined) reasons.set(policy, reason);
  }
  const links = own.flatMap((policy) =>
    referencesOf(policy).map((reference) => ({
      policy,
      key: keyOf(reference),
      named: byKey.get(keyOf(reference)),
    })),
  );
  for (const { policy, key, named } of links) {
    if (!named && zones.has(key) && !reasons.has(policy))
      reasons.set(
        policy,
        `it names ${key}, which is the zone's; a policy of the global's names the global's`,
      );
  }
  for (let before = -1; before !== reasons.size;) {
    before = reasons.size;
    for (const { policy, key, named } of links) {
      if (!named) continue;
      if (reasons.has(named) && !reasons.has(policy)) reasons.set(policy, `it names ${key}, which stays`);
      if (reasons.has(policy) && !reasons.has(named))
        reasons.set(named, `${keyOf(userKey(policy))} names it, and stays`);
    }
  }
  return {
    handedOver: own
      .filter((policy) => !reasons.has(policy))
      .map((policy) => asGlobals(policy, systemNamespace === undefined ? "universal" : "kubernetes")),
    staying: [...reasons].map(([policy, reason]) => ({ key: keyOf(policy), reason })),
  };
}

function reasonToStay(policy: Resource, systemNamespace: string | undefined): string | undefined {
  const namespace = policy.labels?.[NAMESPACE_LABEL];
  if (namespace !== undefined && systemNamespace !== undefined && namespace !== systemNamespace)
    return `it belongs to the namespace ${namespace}; a global takes policies in its system namespace only`;
  if (isSyncDisabled(policy)) return `its label ${SYNC_LABEL} keeps it from being copied`;
  if (ADDING_TYPES.has(policy.type)) return `two ${policy.type}s of the same content do more than one`;
  const field = appendingField(policy);
  return field === undefined
    ? undefined
    : `the field ${field} of two policies adds up, so that it would apply twice`;
}

/** Lists called so are appended when policies are merged, all others replaced (Kuma v2.14.3, core/rules/merge/merge.go). */
function appendingField(value: unknown): string | undefined {
  if (value === null || typeof value !== "object") return undefined;
  for (const [field, inner] of Object.entries(value)) {
    const found = /^append[A-Z]/.test(field) && Array.isArray(inner) ? field : appendingField(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}
