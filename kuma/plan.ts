import { ControlPlane } from "./client";
import type { ZoneExport } from "./export";
import { KumaError } from "./errors";
import { KnownTypes, knownTypes } from "./knownTypes";
import { enumerated, shortened } from "./lists";
import { Resource, differingFields, digest, isSecret, keyOf, sameContent, sanitize } from "./resource";
import { isGenerated, isMeshKey } from "./resourceTypes";

/** What to do about resources that the global has with other content. */
export type OnConflict = "fail" | "keepGlobal" | "overwrite";
export const ON_CONFLICT: readonly OnConflict[] = ["fail", "keepGlobal", "overwrite"];

export type Action =
  /** Not on the global. */
  | "create"
  /** On the global with the same content. */
  | "same"
  /** A secret that the global made for itself at its first start, and that gives way to the zone's. */
  | "replaceGenerated"
  /** On the global with other content, and the user chose that the zone's wins. */
  | "overwrite"
  /** On the global with other content, and the user chose to leave that. */
  | "keepGlobal"
  /** On the global with other content, and the user has to choose. */
  | "conflict";

export interface PlannedResource {
  key: string;
  action: Action;
  resource: Resource;
  /** What the global has now; never to be shown as it is. */
  existing?: Resource;
}

export interface Plan {
  resources: PlannedResource[];
}

export function isWrite({ action }: PlannedResource): boolean {
  return action === "create" || action === "replaceGenerated" || action === "overwrite";
}

/** Everything that the global holds of the given types, by key: one list a type. */
export async function readGlobal(
  global: ControlPlane,
  typeNames: Iterable<string>,
): Promise<{ existing: Map<string, Resource>; types: KnownTypes }> {
  const types = await knownTypes(global);
  const wanted = [...new Set(typeNames)].flatMap((name) => types.get(name) ?? []);
  const lists = await Promise.all(wanted.map((type) => global.list(type)));
  return { existing: new Map(lists.flat().map((resource) => [keyOf(resource), resource])), types };
}

/**
 * Compares what is carried with what the global has.
 *
 * Secrets that every control plane generates differ on every new global. They give way to the zone's as long as
 * nothing depends on them: no zone has joined, and the global has nothing that the zone did not bring.
 */
export function planFederation(
  carried: readonly Resource[],
  existing: ReadonlyMap<string, Resource>,
  options: { onConflict: OnConflict; zones: readonly string[] },
): Plan {
  const carriedKeys = new Set(carried.map(keyOf));
  const foreignMesh = [...existing.values()].some((r) => r.type === "Mesh" && !carriedKeys.has(keyOf(r)));
  const globalIsNew = options.zones.length === 0 && !foreignMesh;
  return {
    resources: carried.map((resource) => {
      const key = keyOf(resource);
      const there = existing.get(key);
      return {
        key,
        resource,
        existing: there,
        action: decide(resource, there, globalIsNew, options.onConflict),
      };
    }),
  };
}

function decide(
  resource: Resource,
  existing: Resource | undefined,
  globalIsNew: boolean,
  onConflict: OnConflict,
): Action {
  if (!existing) return "create";
  if (sameContent(resource, existing)) return "same";
  if (globalIsNew && isGenerated(resource)) return "replaceGenerated";
  // a zone that keeps its own authority beside the global's would trust other certificates than the rest of the mesh
  if (onConflict === "keepGlobal" && isMeshKey(resource)) return "conflict";
  return onConflict === "fail" ? "conflict" : onConflict;
}

/** Lists at most so many resources in one message; a list of thousands helps nobody. */
const MOST_LISTED = 50;

/** Throws with the list of conflicts when there are any. Nothing has been written at that point. */
export function assertNoConflict(plan: Plan, zoneName: string): void {
  const conflicts = plan.resources.filter(({ action }) => action === "conflict");
  if (conflicts.length === 0) return;
  const lines = conflicts.map((conflict) => `  ${conflict.key}: ${describeDifference(conflict)}`);
  throw new KumaError(
    "conflict",
    `${conflicts.length} resource(s) of zone ${zoneName} are on the global control plane with other content. Nothing was written.\n` +
      `${shortened(lines, MOST_LISTED, (left) => `  and ${left} more`).join("\n")}\n` +
      `Make them equal, or choose with the setting onConflict: keepGlobal leaves the global's, overwrite puts the zone's in their place.`,
  );
}

/** Where two resources differ: fields, and for secrets digests only. */
export function describeDifference({ resource, existing }: PlannedResource): string {
  if (!existing) return digest(resource);
  if (isSecret(resource)) return `zone ${digest(resource)}, global ${digest(existing)}`;
  const fields = differingFields(sanitize(resource), sanitize(existing));
  return `differs in ${enumerated(fields, 8)}`;
}

const ACTION_WORDS: Record<Action, string> = {
  create: "create",
  same: "same",
  replaceGenerated: "replace (the global made it for itself)",
  overwrite: "overwrite",
  keepGlobal: "keep the global's",
  conflict: "conflict",
};

/** The plan for people: every resource that is not the same on both sides, by type, mesh and name. */
export function describePlan(plan: Plan, exported: ZoneExport, zoneName: string): string {
  const changes = plan.resources.filter(({ action }) => action !== "same");
  const lines = changes.map(
    ({ key, action, resource }) =>
      `  ${ACTION_WORDS[action]}: ${key}${isSecret(resource) ? ` (${digest(resource)})` : ""}`,
  );
  const same = plan.resources.length - changes.length;
  return [
    `zone ${zoneName}: ${plan.resources.length} resources to be on the global, ${same} of them are there already`,
    ...shortened(lines, MOST_LISTED, (left) => `  and ${left} more (preview --diff lists all)`),
    `  ${exported.kept.length} resources that the zone owns stay in it, and are copied to the global by the control planes`,
    ...exported.leftOut.map(({ key, reason }) => `  left out: ${keyOf(key)} (${reason})`),
  ].join("\n");
}
