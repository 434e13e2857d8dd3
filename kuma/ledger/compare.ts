import type { Resource } from "../resource/resource";
import { Difference, differences } from "./changes";
import { ZoneRecord, byKey } from "./record";
import { Comparison, Occasion, Rule } from "./rule";
import { RULES } from "./rules";

export interface Explained {
  rule: Rule;
  differences: Difference[];
}

/** What differs in a zone, and why. */
export interface Ledger {
  occasion: Occasion;
  /** Where only these are looked at. */
  meshes?: readonly string[];
  /** How many resources the zone had. */
  recorded: number;
  /** In the order of the table. */
  explained: Explained[];
  /** No rule explains them. */
  unexplained: Difference[];
  /** More than one rule explains them, so that the table is at fault. */
  ambiguous: { difference: Difference; codes: string[] }[];
}

export interface Circumstances {
  /** What the zone was when it was about to leave its global, or to get back what it owned in a mesh that was lost. */
  leaving?: ZoneRecord;
  /** That record is of before the mesh was lost: what is not in it its owner had deleted. */
  isLeavingWhole?: boolean;
  /** Only these, each with what is in it, are looked at: the others are their owners'. */
  meshes?: readonly string[];
  isLeftToGlobal?: (key: string) => boolean;
  isAccepted?: (key: string) => boolean;
  rules?: readonly Rule[];
}

/** Holds a zone to what it was. Every difference must be explained by exactly one rule of the occasion. */
export function compareRecords(
  occasion: Occasion,
  recorded: ZoneRecord,
  found: ZoneRecord,
  {
    leaving,
    isLeavingWhole = occasion === "back",
    meshes,
    isLeftToGlobal = () => false,
    isAccepted = () => false,
    rules = RULES,
  }: Circumstances = {},
): Ledger {
  const [before, after] = [recorded, found].map((record) => within(record, meshes));
  const comparison: Comparison = {
    occasion,
    before,
    after,
    beforeByKey: byKey(before),
    afterByKey: byKey(after),
    ...(leaving && { leaving: byKey(leaving) }),
    isLeavingWhole,
    isLeftToGlobal: (key) => !isAccepted(key) && isLeftToGlobal(key),
    isAccepted,
  };
  const candidates = rules.filter(({ occasions }) => occasions.includes(occasion));
  const explained = new Map<Rule, Difference[]>(candidates.map((rule) => [rule, []]));
  const ledger: Ledger = {
    occasion,
    ...(meshes && { meshes }),
    recorded: before.resources.length,
    explained: [],
    unexplained: [],
    ambiguous: [],
  };
  for (const difference of differences(before, after)) {
    const all = candidates.filter((rule) => rule.explains(difference, comparison));
    const firm = all.filter(({ yields }) => !yields);
    const fitting = firm.length > 0 ? firm : all;
    const [rule] = fitting;
    if (!rule) ledger.unexplained.push(difference);
    else if (fitting.length > 1)
      ledger.ambiguous.push({ difference, codes: fitting.map(({ code }) => code) });
    else explained.get(rule)?.push(difference);
  }
  ledger.explained = [...explained].flatMap(([rule, found]) =>
    found.length > 0 ? [{ rule, differences: found }] : [],
  );
  return ledger;
}

function within(record: ZoneRecord, meshes: readonly string[] | undefined): ZoneRecord {
  if (!meshes) return record;
  const isOf = ({ type, name, mesh }: Resource) => meshes.includes((type === "Mesh" ? name : mesh) ?? "");
  return { ...record, resources: record.resources.filter(isOf) };
}

export function isExplained({ unexplained, ambiguous }: Ledger): boolean {
  return unexplained.length + ambiguous.length === 0;
}

/** Names of the resources that a rule has explained something of. */
export function resourcesOf({ differences: found }: Explained): string[] {
  return [...new Set(found.map(({ key }) => key))].sort();
}
