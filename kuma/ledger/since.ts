import type { ControlPlane } from "../api/client";
import { keyOf } from "../resource/resource";
import { NAMESPACE, PROXIES, writtenName } from "./changes";
import { ZoneRecord, byKey, recordZone } from "./record";

/** A zone as it is now, to be held to what it was: in a cluster it is looked whether proxies that are gone went with their pods. */
export async function recordSince(zone: ControlPlane, before: ZoneRecord): Promise<ZoneRecord> {
  const now = await recordZone(zone, before.zone);
  const there = byKey(now);
  const gone = new Map<string, string>();
  for (const resource of before.resources) {
    const namespace = resource.labels?.[NAMESPACE];
    if (namespace !== undefined && PROXIES.has(resource.type) && !there.has(keyOf(resource)))
      gone.set(`${namespace}/${writtenName(resource)}`, keyOf(resource));
  }
  if (gone.size === 0) return now;
  const ended = await zone.endedPods([...gone.keys()]);
  return { ...now, ended: ended.flatMap((pod) => gone.get(pod) ?? []) };
}
