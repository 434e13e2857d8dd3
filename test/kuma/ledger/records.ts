import { Resource } from "../../../kuma";
import {
  Circumstances,
  Ledger,
  Occasion,
  ZoneRecord,
  compareRecords,
  unexplainedIn,
} from "../../../kuma/ledger";

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
