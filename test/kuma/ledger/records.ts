import * as assert from "node:assert/strict";
import { Resource } from "../../../kuma";
import {
  Circumstances,
  Ledger,
  Occasion,
  ZoneRecord,
  compareRecords,
  unexplainedIn,
} from "../../../kuma/ledger";
import { differences } from "../../../kuma/ledger/changes";
import { byKey } from "../../../kuma/ledger/record";
import type { Rule } from "../../../kuma/ledger/rule";
import { RULES } from "../../../kuma/ledger/rules";

export const record = (resources: Resource[], fields: Partial<ZoneRecord> = {}): ZoneRecord => ({
  zone: "zone-1",
  environment: "universal",
  store: "memory",
  resources,
  ...fields,
});
export const base64 = (text: string) => Buffer.from(text).toString("base64");
export const HASH = "zwxv7wdb9f2f8x5c";
export const timeout = (fields: Partial<Resource> = {}): Resource => ({
  ...{ type: "Timeout", mesh: "m", name: "slow", conf: { connectTimeout: "4s" } },
  ...fields,
});
export const copied = (resource: Resource, labels: Record<string, string> = {}): Resource => ({
  ...resource,
  name: `${resource.name}-${HASH}`,
  labels: {
    ...resource.labels,
    ...{ "kuma.io/display-name": resource.name, "kuma.io/origin": "global" },
    ...labels,
  },
});
export const ofZone = { "kuma.io/origin": "zone", "kuma.io/zone": "zone-1", "kuma.io/env": "universal" };
export const policy = (fields: Partial<Resource> = {}): Resource => ({
  ...{ type: "MeshTimeout", mesh: "m", name: "t", labels: { ...ofZone, team: "a" }, spec: { to: [] } },
  ...fields,
});
export const secret = (fields: Partial<Resource> = {}): Resource => ({
  ...{ type: "Secret", mesh: "m", name: "s", data: base64("canary-7d1f") },
  ...fields,
});
/** Codes of the rules that explain, each with what it explains, and what nothing explains. */
export function told(
  occasion: Occasion,
  before: Resource[],
  after: Resource[],
  circumstances: Circumstances = {},
  fields: Partial<ZoneRecord> = {},
) {
  const ledger = compareRecords(occasion, record(before, fields), record(after, fields), circumstances);
  return { codes: codesOf(ledger), problems: unexplainedIn(ledger) };
}
export const codesOf = (ledger: Ledger) => ledger.explained.map(({ rule }) => rule.code);
export const allExplained = (codes: string[]) => ({ codes, problems: [] });

interface Around extends Circumstances {
  occasion?: Occasion;
  fields?: Partial<ZoneRecord>;
}

/** What one rule of the table explains, whatever the others say: `gone`, `new`, `renamed`, or the path that differs. */
export function explainedBy(
  code: string,
  before: Resource[],
  after: Resource[],
  { occasion = "joined", fields = {}, leaving, ...circumstances }: Around = {},
): string[] {
  const rule = ruleOf(code);
  const [was, is] = [record(before, fields), record(after, fields)];
  const comparison = {
    ...{ occasion, before: was, after: is, beforeByKey: byKey(was), afterByKey: byKey(is) },
    ...{ isLeavingWhole: true, isLeftToGlobal: () => false, isAccepted: () => false },
    ...(leaving && { leaving: byKey(leaving) }),
    ...circumstances,
  };
  return differences(was, is)
    .filter((each) => rule.explains(each, comparison))
    .map((each) => (each.kind === "changed" ? each.path.join(".") : each.kind));
}

/** What one rule foretells of a resource. */
export function foretoldBy(code: string, resource: Resource, fields: Partial<ZoneRecord> = {}) {
  return ruleOf(code).foretells?.(resource, record([resource], fields));
}

function ruleOf(code: string): Rule {
  const rule = RULES.find((each) => each.code === code);
  assert.ok(rule, code);
  return rule;
}
