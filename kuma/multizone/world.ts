import type { ControlPlane } from "../api/client";
import { objectIn, objectsIn, valueAt } from "../api/json";
import type { ResourceType } from "../api/resourceTypes";
import { isWord } from "../printable";
import { Resource, ZONE_LABEL, displayName } from "../resource/resource";
import { servicesOf } from "../zone/services/services";
import { INGRESS_OVERVIEW_TYPE, servesIn } from "../zone/ingresses";
import { isKept } from "../zone/refusals";
import { connectionIn, momentIn } from "../zone/subscription";
import { ZONE_OVERVIEW_TYPE, zoneStateIn } from "../zone/zone";
import type { Ending } from "./ends";

/** What a global sent a zone of one type since the zone connected, and what became of it. */
export interface SyncedType {
  type: string;
  sent: number;
  acknowledged: number;
  refused: number;
  /** Of those that it did not accept, the ones that say no more than that it keeps what it had by these names. */
  kept: number;
}

/** A zone as its global knows it. */
export interface ZoneOnGlobal {
  name: string;
  enabled: boolean;
  online: boolean;
  /** When it connected, or where it is offline, when its connection ended (RFC 3339). */
  since?: string;
  version?: string;
  /** When the global last heard of what it had sent (RFC 3339). */
  syncedAt?: string;
  synced: SyncedType[];
  /** The instances of its control plane whose connections are open. */
  instances: string[];
}

/** A zone ingress or zone egress. */
export interface ZoneProxy {
  name: string;
  zone: string;
  /** `host:port` that it tells other zones; undefined where it tells none, or no port. */
  address?: string;
  /** Whether it is connected with its control plane; undefined where that is not known. */
  connected?: boolean;
  /** Of a zone ingress that is connected: whether it has taken a listener; undefined where that is not known. */
  serves?: boolean;
}

/** A data plane proxy. */
export interface ProxyInZone {
  name: string;
  zone: string;
  mesh: string;
  /** With its zone's control plane; undefined where that is not known. */
  connected?: boolean;
  services: string[];
  /** Of each inbound. */
  tags: Record<string, string>[];
  /** When its certificate ends (RFC 3339). */
  certificateEnds?: string;
  /** It is a zone egress of its mesh (Kuma 2.14 and later). */
  isEgress?: boolean;
}

/** A mesh over its zones. */
export interface MultiZone {
  zones: ZoneOnGlobal[];
  ingresses: ZoneProxy[];
  egresses: ZoneProxy[];
  proxies: ProxyInZone[];
  /** All that the control plane has. */
  resources: Resource[];
}

/** What a check of a mesh over zones looks at: read before, so that a check itself asks nobody. */
export interface LookedAt extends MultiZone {
  /** The version of the global, where there is one. */
  globalVersion?: string;
  ends: readonly Ending[];
  /** RFC 3339. */
  now: string;
}

/** Lists of what is there together with what is known of its connection, at paths that every 2.x has. */
const OVERVIEWS = {
  zones: ZONE_OVERVIEW_TYPE,
  ingresses: INGRESS_OVERVIEW_TYPE,
  egresses: overviewType("ZoneEgressOverview", "zoneegressoverviews", "Global"),
  proxies: overviewType("DataplaneOverview", "dataplanes+insights", "Mesh"),
};

function overviewType(name: string, path: string, scope: ResourceType["scope"]): ResourceType {
  return { name, path, scope, readOnly: true, includeInFederation: false };
}

/**
 * What a control plane knows of a mesh over its zones: four lists, however many zones there are, beside its resources, which
 * are read already.
 */
export async function readMultiZone(
  controlPlane: ControlPlane,
  resources: readonly Resource[],
): Promise<MultiZone> {
  const [zones, ingresses, egresses, proxies] = await Promise.all([
    readZonesOf(controlPlane),
    controlPlane.list(OVERVIEWS.ingresses),
    controlPlane.list(OVERVIEWS.egresses),
    controlPlane.list(OVERVIEWS.proxies),
  ]);
  const offline = new Set(zones.filter(({ online }) => !online).map(({ name }) => name));
  return {
    zones,
    ingresses: ingresses.map((each) => asKnown(zoneProxyIn(each, "zoneIngress"), offline)),
    egresses: egresses.map((each) => asKnown(zoneProxyIn(each, "zoneEgress"), offline)),
    proxies: proxies.map((each) => asKnown(proxyIn(each), offline)),
    resources: [...resources],
  };
}

/** What a global has of the proxies of a zone that is offline is as old as the zone's connection (kumahq/kuma 7027). */
function asKnown<P extends { zone: string; connected?: boolean }>(proxy: P, offline: ReadonlySet<string>): P {
  return offline.has(proxy.zone)
    ? { ...proxy, connected: undefined, ...("serves" in proxy && { serves: undefined }) }
    : proxy;
}

/** The zones that a global knows, and how they are connected with it. */
export async function readZonesOf(global: ControlPlane): Promise<ZoneOnGlobal[]> {
  return (await global.list(OVERVIEWS.zones)).map(zoneIn);
}

/** The resources of control planes, each with the zone that it is of where they do not say. */
interface Held {
  zone: string;
  resources: readonly Resource[];
}

/** A mesh over zones by resources alone: what is connected is not known. */
export function multiZoneOf(zones: readonly ZoneOnGlobal[], held: readonly Held[]): MultiZone {
  const withZone = (type: string) =>
    held.flatMap(({ zone, resources }) =>
      resources.filter((each) => each.type === type).map((each) => [each, zone] as const),
    );
  const doors = (type: string, field: "zoneIngress" | "zoneEgress") =>
    withZone(type).map(([each, zone]) => {
      const { connected: _, ...known } = zoneProxyIn({ ...each, [field]: each }, field, zone);
      return known;
    });
  return {
    zones: [...zones],
    ingresses: doors("ZoneIngress", "zoneIngress"),
    egresses: doors("ZoneEgress", "zoneEgress"),
    proxies: withZone("Dataplane").map(([each, zone]) => proxyIn({ ...each, dataplane: each }, zone)),
    resources: held.flatMap(({ zone, resources }) =>
      resources.map((each) =>
        zone === "" || each.labels?.[ZONE_LABEL] !== undefined
          ? each
          : { ...each, labels: { ...each.labels, [ZONE_LABEL]: zone } },
      ),
    ),
  };
}

export function ofType({ resources }: Pick<MultiZone, "resources">, ...types: string[]): Resource[] {
  return resources.filter(({ type }) => types.includes(type));
}

function zoneIn(overview: Resource): ZoneOnGlobal {
  const { disabled, online, version } = zoneStateIn(overview);
  const insight = overview.zoneInsight;
  const { last } = connectionIn(insight);
  const since = momentIn(valueAt(last, online ? "connectTime" : "disconnectTime"));
  const syncedAt = momentIn(valueAt(last, "status", "lastUpdateTime"));
  const open = objectsIn(valueAt(insight, "subscriptions")).filter(
    ({ connectTime, disconnectTime }) => momentIn(connectTime) && (disconnectTime ?? undefined) === undefined,
  );
  return {
    ...{ name: overview.name, enabled: !disabled, online, version },
    ...(since !== undefined && { since }),
    ...(syncedAt !== undefined && { syncedAt }),
    synced: syncedIn(valueAt(last, "status", "stat")),
    instances: [...new Set(open.map(({ zoneInstanceId }) => zoneInstanceId).filter(isWord))],
  };
}

function syncedIn(stat: unknown): SyncedType[] {
  return Object.entries(objectIn(stat) ?? {})
    .filter(([type]) => isWord(type))
    .map(([type, counts]) => {
      const rejected = countIn(counts, "responsesRejected");
      return {
        type,
        sent: countIn(counts, "responsesSent"),
        acknowledged: countIn(counts, "responsesAcknowledged"),
        ...(isKept(type) ? { refused: 0, kept: rejected } : { refused: rejected, kept: 0 }),
      };
    })
    .sort((a, b) => (a.type < b.type ? -1 : 1));
}

/** Kuma's JSON has 64 bit numbers as texts. */
function countIn(counts: unknown, field: string): number {
  const count = Number(valueAt(counts, field));
  return Number.isSafeInteger(count) ? Math.max(count, 0) : 0;
}

function zoneProxyIn(overview: Resource, field: "zoneIngress" | "zoneEgress", ownZone = ""): ZoneProxy {
  const spec = overview[field];
  const networking = valueAt(spec, "networking");
  const [address, given] = (
    field === "zoneIngress" ? ["advertisedAddress", "advertisedPort"] : ["address", "port"]
  ).map((name) => valueAt(networking, name));
  const port = Number(given);
  const zone = overview.labels?.[ZONE_LABEL] ?? valueAt(spec, "zone");
  const { isOpen: connected } = connectionIn(overview[`${field}Insight`]);
  const serves = field === "zoneIngress" && connected ? servesIn(overview.zoneIngressInsight) : undefined;
  return {
    name: displayName(overview),
    zone: isWord(zone) && zone !== "" ? zone : ownZone,
    // without a port it is no address for Kuma (v2.14.3, HasPublicAddress)
    ...(isWord(address) &&
      address !== "" &&
      Number.isInteger(port) &&
      port > 0 && { address: `${address}:${port}` }),
    connected,
    ...(serves !== undefined && { serves }),
  };
}

function proxyIn(overview: Resource, ownZone = ""): ProxyInZone {
  const { labels, mesh, dataplane, dataplaneInsight } = overview;
  const networking = valueAt(dataplane, "networking");
  const inbound = objectsIn(valueAt(networking, "inbound"));
  const tags = [...inbound, ...objectsIn([valueAt(networking, "gateway")])].map((each) =>
    Object.fromEntries(
      Object.entries(objectIn(each.tags) ?? {}).filter((tag): tag is [string, string] => isWord(tag[1])),
    ),
  );
  const ends = momentIn(valueAt(dataplaneInsight, "mTLS", "certificateExpirationTime"));
  const isEgress = objectsIn(valueAt(networking, "listeners")).some(
    ({ type, state }) => type === "ZoneEgress" && state !== "NotReady",
  );
  return {
    name: displayName(overview),
    zone: labels?.[ZONE_LABEL] ?? tags[0]?.["kuma.io/zone"] ?? ownZone,
    mesh: mesh ?? "default",
    connected: connectionIn(dataplaneInsight).isOpen,
    services: [...new Set(servicesOf({ ...overview, networking }))],
    tags,
    ...(ends !== undefined && { certificateEnds: ends }),
    ...(isEgress && { isEgress }),
  };
}
