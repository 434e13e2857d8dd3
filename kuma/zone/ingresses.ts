import { ControlPlane } from "../api/client";
import { objectIn, valueAt } from "../api/json";
import type { ResourceType } from "../api/resourceTypes";
import { displayName, zoneOf } from "../resource/resource";
import { pause, until } from "../until";
import { connectionIn } from "./subscription";

/** Zone ingresses together with their connections, at the path that every 2.x has. */
export const INGRESS_OVERVIEW_TYPE: ResourceType = {
  name: "ZoneIngressOverview",
  scope: "Global",
  path: "zoneingresses+insights",
  readOnly: true,
  includeInFederation: false,
};

/** Milliseconds for the zone ingresses of a zone that has joined to come up. */
export const INGRESS_WITHIN_MS = 60_000;

const GONE_WITHIN_MS = 30_000;

export interface IngressWaits {
  /** Milliseconds until it is given up. */
  withinMs?: number;
  /** Milliseconds from its first listener until an ingress has its routes: 3 s at most were seen (docs/zones.md). */
  routesMs?: number;
}

/** Names of the zone ingresses of a zone. */
export interface Ingresses {
  all: string[];
  /** Those that do not serve. */
  waiting: string[];
}

/** The zone ingresses of a zone, by what its own control plane, or its global, knows. */
export async function ingressesOf(controlPlane: ControlPlane, zoneName: string): Promise<Ingresses> {
  const own = (await controlPlane.list(INGRESS_OVERVIEW_TYPE)).filter(
    (each) => zoneOf(each, zoneName) === zoneName,
  );
  const waiting = own.filter(({ zoneIngressInsight }) => servesIn(zoneIngressInsight) !== true);
  return { all: own.map(displayName), waiting: waiting.map(displayName) };
}

/** Waits until a global has an ingress of a zone no more that has gone there, or for half a minute. */
export async function untilIngressGone(global: ControlPlane, zoneName: string, name: string): Promise<void> {
  await until(() => ingressesOf(global, zoneName), {
    ...{ deadlineMs: GONE_WITHIN_MS, everyMs: 500, signal: global.address.signal },
    isThere: ({ all }) => !all.includes(name),
  });
}

/** Waits until all zone ingresses of a zone serve, by what its own control plane knows, and gives how they are in the end. */
export async function untilIngressesServe(
  zone: ControlPlane,
  zoneName: string,
  { withinMs: deadlineMs = INGRESS_WITHIN_MS, routesMs = 5_000 }: IngressWaits = {},
): Promise<Ingresses> {
  const seen = await until(() => ingressesOf(zone, zoneName), {
    ...{ deadlineMs, everyMs: 1_000, signal: zone.address.signal },
    isThere: ({ waiting }) => waiting.length === 0,
  });
  if (seen.all.length > seen.waiting.length) await pause(routesMs, zone.address.signal);
  return seen;
}

/**
 * Whether Envoy of a zone ingress is connected and has taken a listener; undefined where its insight does not tell of listeners. It gets
 * none as long as its control plane cannot make it any (kumahq/kuma 4218, and v2.14.3, pkg/xds/sync/ingress_proxy_builder.go).
 */
export function servesIn(insight: unknown): boolean | undefined {
  const { isOpen, last } = connectionIn(insight);
  const listeners = objectIn(valueAt(last, "status", "lds"));
  return listeners && isOpen && Number(listeners.responsesAcknowledged ?? 0) > 0;
}
