import type { ControlPlane } from "../api/client";
import { KumaError } from "../errors";
import { readAll } from "../konnect/recipient";
import { Resource, keyOf } from "../resource/resource";
import { until } from "../until";
import { isOf } from "./ownership";
import { removeZone, zoneState } from "./zone";

/** What a global has of a zone's own, and gives to other zones: copies that the zone's control plane has sent. */
export interface Remains {
  /** The global has a Zone of this name. */
  known: boolean;
  proxies: string[];
  /** Zone ingresses and zone egresses, and addresses of them. */
  zoneProxies: string[];
  /** MeshServices and the like, which control planes make of proxies. */
  services: string[];
  /** Everything else: policies of its origin. */
  policies: string[];
}

const KINDS: Record<string, Exclude<keyof Remains, "known">> = {
  Dataplane: "proxies",
  ZoneIngress: "zoneProxies",
  ZoneEgress: "zoneProxies",
  MeshZoneAddress: "zoneProxies",
  MeshService: "services",
  Workload: "services",
};

export async function remainsOf(global: ControlPlane, zoneName: string): Promise<Remains> {
  const { known } = await zoneState(global, zoneName);
  return sorted(known, (await readAll(global)).resources.filter(isOf(zoneName)));
}

function sorted(known: boolean, resources: readonly Resource[]): Remains {
  const remains: Remains = { known, proxies: [], zoneProxies: [], services: [], policies: [] };
  // insights are the global's own, and go with what they are of
  for (const each of resources) {
    if (!each.type.endsWith("Insight")) remains[KINDS[each.type] ?? "policies"].push(keyOf(each));
  }
  return remains;
}

/** Milliseconds for the copies of what a zone owned to go with its Zone; a cluster does that in its own time. */
const GONE_DEADLINE_MS = 60_000;

/**
 * Takes a zone that has died off a global: its Zone, and with it all copies of what it owned, which the global deletes as they
 * are owned by the Zone (Kuma v2.14.3, pkg/kds/v2/store/sync.go, CreateWithOwner). One that is online has not died, and is left
 * as it is. Gives what the global has not deleted. May be called again at any point.
 */
export async function removeDeadZone(
  global: ControlPlane,
  zoneName: string,
  deadlineMs = GONE_DEADLINE_MS,
): Promise<string[]> {
  const { online } = await zoneState(global, zoneName);
  if (online) throw isAlive(zoneName);
  await removeZone(global, zoneName);
  const left = async () => (await readAll(global)).resources.filter(isOf(zoneName)).map(keyOf);
  return until(left, {
    deadlineMs,
    everyMs: 500,
    signal: global.address.signal,
    isThere: (keys) => keys.length === 0,
  });
}

function isAlive(zoneName: string): KumaError {
  return new KumaError(
    "refused",
    `Zone ${zoneName} is connected with the global, so it was not removed by force. Nothing was changed. ` +
      `If its control plane runs, set federated: false for it in place of remove: force, and run up: it leaves with what it had. ` +
      `If its machine is lost, wait: a global notices that after some minutes (5 by default, ` +
      `KUMA_MULTIZONE_GLOBAL_KDS_ZONE_HEALTH_CHECK_TIMEOUT), one that was started anew meanwhile after twice KUMA_METRICS_ZONE_IDLE_TIMEOUT ` +
      `(10 by default), and takes it for connected until then.`,
  );
}
