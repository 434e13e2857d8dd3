import { ZoneRecord, byKey } from "./record";
import { originOf } from "./rules/kuma";

/**
 * Whether a zone has what a global has sent it, and what it did not have before. By name, as a Mesh keeps the label of its
 * global in a cluster.
 */
export function holdsCopies(now: ZoneRecord, before: ZoneRecord): boolean {
  const had = byKey(before);
  return [...byKey(now)].some(([key, resource]) => originOf(resource) === "global" && !had.has(key));
}
