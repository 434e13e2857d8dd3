import { keyOf } from "../resource/resource";
import type { ZoneRecord } from "./record";
import type { Effect, Rule } from "./rule";
import { RULES } from "./rules";

/** What a rule will do to resources of a zone when it joins, each with what becomes of it. */
export interface Foretold {
  rule: Rule;
  resources: { key: string; what: string }[];
}

/** What will differ once the zone has joined, as far as its record alone tells: what comes from the global is not in it. */
export function foretell(record: ZoneRecord, rules: readonly Rule[] = RULES): Foretold[] {
  return rules.flatMap((rule) => {
    const resources = record.resources.flatMap((resource) => {
      const what = rule.foretells?.(resource, record);
      return what === undefined ? [] : [{ key: keyOf(resource), what }];
    });
    return resources.length > 0 ? [{ rule, resources }] : [];
  });
}

/** By effect and count, or each resource by name. */
export function describeForetold(record: ZoneRecord, foretold: readonly Foretold[], byName: boolean): string {
  const effects = new Map<Effect, Map<string, string[]>>();
  for (const { rule, resources } of foretold) {
    const named = effects.get(rule.effect) ?? new Map<string, string[]>();
    for (const { key, what } of resources) named.set(key, [...(named.get(key) ?? []), what]);
    effects.set(rule.effect, named);
  }
  const lines = [...effects].flatMap(([effect, named]) => [
    `  ${effect}: ${named.size}`,
    ...(byName ? [...named].sort().map(([key, what]) => `    ${key}: ${what.join(", ")}`) : []),
  ]);
  const more = byName || lines.length === 0 ? "" : " (preview --diff names them)";
  return [
    `zone ${record.zone}: of the ${record.resources.length} resources that it has, these will differ once it has joined${more}; docs/ledger.md says why`,
    ...lines,
  ].join("\n");
}
