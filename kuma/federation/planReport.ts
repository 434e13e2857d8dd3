import type { ZoneExport } from "./export";
import { Action, Plan, detailOf } from "./plan";
import { meshesWhoseMtlsEnds } from "../resource/meshEncryption";
import { isSyncDisabled, keyOf, parseKey } from "../resource/resource";

/** A plan as it is told outside of the process that made it: names, counts and digests, and no content. */
export interface PlanReport {
  /** How many resources of a type meet with each action. */
  types: { type: string; counts: Partial<Record<Action, number>> }[];
  /** Everything that is not the same on both sides. */
  resources: { key: string; action: Action; detail?: string }[];
  /** How many resources the zone goes on owning; they are copied to the global by the control planes. */
  kept: number;
  /** Of them those that stay in the zone alone. */
  keptAlone: string[];
  leftOut: { key: string; reason: string }[];
  /** Meshes whose mTLS ends with it. */
  mtlsEnds: string[];
}

export function reportPlan({ resources }: Plan, { kept, leftOut }: ZoneExport): PlanReport {
  const types = new Map<string, Partial<Record<Action, number>>>();
  for (const { key, action } of resources) {
    const { type } = parseKey(key);
    const counts = types.get(type) ?? {};
    counts[action] = (counts[action] ?? 0) + 1;
    types.set(type, counts);
  }
  return {
    types: [...types]
      .map(([type, counts]) => ({ type, counts }))
      .sort((a, b) => a.type.localeCompare(b.type)),
    resources: resources
      .filter(({ action }) => action !== "same")
      .map((planned) => {
        const detail = detailOf(planned);
        return { key: planned.key, action: planned.action, ...(detail !== undefined && { detail }) };
      }),
    kept: kept.length,
    keptAlone: kept.filter(isSyncDisabled).map(keyOf),
    leftOut: leftOut.map(({ key, reason }) => ({ key: keyOf(key), reason })),
    mtlsEnds: meshesWhoseMtlsEnds(resources),
  };
}
