export interface ResourceType {
  readonly name: string;
  readonly path: string;
  readonly alternativePath?: string;
  readonly scope: "Mesh" | "Global";
  readonly shortName: string;
  readonly singular: string;
  readonly plural: string;
  /** Made by control planes only. */
  readonly readOnly: boolean;
  /** Only admins see and write it. */
  readonly adminOnly: boolean;
  /** In the store, but not in the REST API. */
  readonly internal: boolean;
  readonly sync: SyncFlags;
  /** Its document has a `spec`; the older types are flat. */
  readonly hasSpec: boolean;
  readonly hasStatus: boolean;
  /** Keeps its name when a global control plane sends it to a zone. */
  readonly keepsName: boolean;
  readonly policy?: PolicyTraits;
  /** The type whose documents report on this one, and the names that the overview goes by. */
  readonly insight?: InsightTraits;
}

/** Source: Kuma v2.14.3 pkg/core/resources/model/resource.go, KDSFlagType. */
export interface SyncFlags {
  readonly globalToZones: boolean;
  readonly zoneToGlobal: boolean;
  readonly providedByGlobal: boolean;
  readonly providedByZone: boolean;
  readonly acrossZones: boolean;
}

export interface PolicyTraits {
  readonly isTargetRef: boolean;
  readonly hasToTargetRef: boolean;
  readonly hasFromTargetRef: boolean;
  readonly hasRulesTargetRef: boolean;
  readonly isFromAsRules: boolean;
}

export interface InsightTraits {
  readonly type: string;
  readonly overviewType: string;
  readonly field: string;
  readonly insightField: string;
  readonly legacyPath: string;
}

export function flags(...set: (keyof SyncFlags)[]): SyncFlags {
  const has = (flag: keyof SyncFlags): boolean => set.includes(flag);
  return {
    globalToZones: has("globalToZones"),
    zoneToGlobal: has("zoneToGlobal"),
    providedByGlobal: has("providedByGlobal") || has("globalToZones"),
    providedByZone: has("providedByZone") || has("zoneToGlobal"),
    acrossZones: has("acrossZones"),
  };
}

type Shape = Partial<ResourceType> & { sync: SyncFlags };

export function define(
  name: string,
  path: string,
  singular: string,
  plural: string,
  shape: Shape,
): ResourceType {
  return {
    name,
    path,
    singular,
    plural,
    scope: "Mesh",
    shortName: "",
    readOnly: false,
    adminOnly: false,
    internal: false,
    hasSpec: false,
    hasStatus: false,
    keepsName: false,
    ...shape,
  };
}

export const FROM_GLOBAL = flags("globalToZones");
export const FROM_ZONE = flags("zoneToGlobal");
export const BOTH_WAYS = flags("globalToZones", "zoneToGlobal");

/** The policies from before targetRef: only a global control plane, or a zone on its own, makes them. */
export function legacyPolicy(name: string, path: string, singular: string, plural: string): ResourceType {
  return define(name, path, singular, plural, { sync: FROM_GLOBAL, policy: policyTraits("") });
}

/** `traits`: t = to, f = from, r = rules, a = from is read as rules. */
function policyTraits(traits: string, isTargetRef = false): PolicyTraits {
  return {
    isTargetRef,
    hasToTargetRef: traits.includes("t"),
    hasFromTargetRef: traits.includes("f"),
    hasRulesTargetRef: traits.includes("r"),
    isFromAsRules: traits.includes("a"),
  };
}

export function targetRefPolicy(
  name: string,
  shortName: string,
  path: string,
  [singular, plural]: [string, string],
  traits: string,
  hasStatus = false,
): ResourceType {
  return define(name, path, singular, plural, {
    shortName,
    hasSpec: true,
    hasStatus,
    sync: flags("globalToZones", "zoneToGlobal", "acrossZones"),
    policy: policyTraits(traits, true),
  });
}

export function insight(
  name: string,
  path: string,
  singular: string,
  plural: string,
  scope: "Mesh" | "Global",
  sync: SyncFlags,
): ResourceType {
  return define(name, path, singular, plural, { scope, readOnly: true, sync });
}
