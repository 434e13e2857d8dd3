import { ControlPlane } from "../../api/client";
import { objectIn, objectsIn, valueAt } from "../../api/json";
import { knownTypes } from "../../api/knownTypes";
import { hasTags } from "../../resource/mesh";
import { hasMtls } from "../../resource/meshEncryption";
import {
  DISPLAY_NAME_LABEL,
  NAMESPACE_LABEL,
  Resource,
  ZONE_LABEL,
  displayName,
  zoneOf,
} from "../../resource/resource";

/** A name under which a client in one zone reaches a service. */
export interface ServiceAddress {
  mesh: string;
  service: string;
  /** The zone that the client is in. */
  from: string;
  /** `host:port`. */
  address: string;
  /** What gives the name: a HostnameGenerator, a service's tag, a Service of Kubernetes, or an outbound of a data plane proxy. */
  by: "HostnameGenerator" | "tag" | "Service" | "outbound";
  /** The data plane proxy that has the outbound. */
  proxy?: string;
  /** Zones whose proxies may answer. */
  reaches: ZoneInstances[];
}

/** Data plane proxies of a service in one zone. */
export interface ZoneInstances {
  zone: string;
  /** Undefined where the control plane does not count them. */
  healthy?: number;
  total?: number;
}

const SERVICE_TAG = "kuma.io/service";
/** Of an inbound in a cluster, whose Service it is (Kuma v2.14.3, inbound_converter.go). */
const CLUSTER_TAGS = ["k8s.kuma.io/service-name", "k8s.kuma.io/namespace", "k8s.kuma.io/service-port"];
const TYPES = [
  ...(["Mesh", "MeshIdentity", "MeshService", "MeshMultiZoneService"] as const),
  ...(["Dataplane", "ZoneIngress", "ZoneEgress", "MeshZoneAddress"] as const),
];
/** On which services by tag listen under their `.mesh` names (Kuma 2.14, docs "DNS"). */
const TAG_PORT = 80;

export type ServicesHeld = Record<(typeof TYPES)[number], Resource[]>;

/**
 * The names under which clients in a zone reach services, as the zone's own control plane has them. A zone that is a member
 * knows what others have from its global; the proxies of others it does not know, so `all`, what the global has, counts them.
 */
export async function addressesIn(
  zoneName: string,
  zone: ControlPlane,
  all: ServicesHeld,
): Promise<ServiceAddress[]> {
  const own = await servicesHeld(zone);
  return [
    ...generated(zoneName, own, all),
    ...byTag(zoneName, own, all),
    ...inCluster(zoneName, own, all),
    ...outbounds(zoneName, own, all),
  ].sort(byAddress);
}

/** What a control plane has of services, and of what stands before them. */
export async function servicesHeld(controlPlane: ControlPlane): Promise<ServicesHeld> {
  const known = await knownTypes(controlPlane);
  const lists = await Promise.all(
    TYPES.map(async (name) => {
      const type = known.get(name);
      return [name, type ? await controlPlane.list(type) : []] as const;
    }),
  );
  return Object.fromEntries(lists) as ServicesHeld;
}

/** Of MeshServices and MeshMultiZoneServices: what HostnameGenerators have made, in their status (Kuma 2.9 and later). */
function generated(from: string, own: ServicesHeld, all: ServicesHeld): ServiceAddress[] {
  return [...own.MeshService, ...own.MeshMultiZoneService].flatMap((service) => {
    const hostnames = objectsIn(valueAt(service, "status", "addresses")).map(({ hostname }) => hostname);
    const ports = objectsIn(valueAt(service, "spec", "ports")).map(({ port }) => port);
    return hostnames.flatMap((hostname) =>
      ports.map((port): ServiceAddress => ({
        ...{ mesh: service.mesh ?? "", service: displayName(service), from },
        address: `${String(hostname)}:${String(port)}`,
        ...{ by: "HostnameGenerator", reaches: reachedByName(service, port, from, own, all) },
      })),
    );
  });
}

/** Whose proxies answer at a port of a MeshService, or of a MeshMultiZoneService. */
function reachedByName(
  service: Resource,
  port: unknown,
  from: string,
  own: ServicesHeld,
  all: ServicesHeld,
): ZoneInstances[] {
  const meant = service.type === "MeshService" ? [service] : answering(service, port, from, own);
  return onceEach(
    meant.flatMap((each) =>
      reachedFrom(from, each.mesh, [zoneOf(each, from)], own).map((zone) =>
        instancesOf(each, zone, from, own, all),
      ),
    ),
  );
}

/**
 * The MeshServices that a control plane sends calls to a port of a MeshMultiZoneService to: those with that port, and of other zones
 * those that are available there (Kuma v2.14.3, pkg/xds/topology/outbound.go, fillMeshMultiZoneServices).
 */
function answering(multi: Resource, port: unknown, from: string, own: ServicesHeld): Resource[] {
  return objectsIn(valueAt(multi, "status", "meshServices")).flatMap(
    ({ name, zone = from, namespace = "" }) =>
      own.MeshService.find(
        (each) =>
          each.mesh === multi.mesh &&
          displayName(each) === name &&
          zoneOf(each, from) === zone &&
          // one that does not tell means any
          (namespace === "" || namespaceOf(each) === namespace) &&
          objectsIn(valueAt(each, "spec", "ports")).some((offered) => offered.port === port) &&
          (zone === from || valueAt(each, "spec", "state") !== "Unavailable"),
      ) ?? [],
  );
}

/** A zone may have several of the MeshServices that are selected. */
function onceEach(all: readonly ZoneInstances[]): ZoneInstances[] {
  const zones = [...new Set(all.map(({ zone }) => zone))];
  return zones.map((zone) => {
    const its = all.filter((each) => each.zone === zone);
    const sum = (numbers: readonly (number | undefined)[]) =>
      numbers.reduce<number | undefined>(
        (known, each) => (known === undefined || each === undefined ? undefined : known + each),
        0,
      );
    const [healthy, total] = [sum(its.map((each) => each.healthy)), sum(its.map((each) => each.total))];
    return { zone, ...(healthy !== undefined && { healthy }), ...(total !== undefined && { total }) };
  });
}

/** A zone counts the proxies of its own MeshServices; of those of others the copy on the global tells. */
function instancesOf(
  service: Resource,
  zone: string,
  from: string,
  own: ServicesHeld,
  all: ServicesHeld,
): ZoneInstances {
  const counting = zone === from ? own : all;
  const counted = counting.MeshService.find(
    (each) =>
      each.mesh === service.mesh &&
      displayName(each) === displayName(service) &&
      namespaceOf(each) === namespaceOf(service) &&
      zoneOf(each, from) === zone,
  );
  const { healthy, total } = objectIn(valueAt(counted, "status", "dataplaneProxies")) ?? {};
  const isCounted = typeof healthy === "number" && typeof total === "number";
  return { zone, ...(isCounted && { healthy, total }) };
}

/** Of services that are known by their tag: `<service>.mesh`, unless the mesh has MeshServices alone. */
function byTag(from: string, own: ServicesHeld, all: ServicesHeld): ServiceAddress[] {
  return own.Mesh.filter(hasTags).flatMap((mesh) =>
    [...servicesIn(mesh.name, all)].map(([service, zones]): ServiceAddress => ({
      ...{ mesh: mesh.name, service, from },
      address: `${service}.mesh:${TAG_PORT}`,
      by: "tag",
      reaches: countedIn(zones, reachedByTag(from, mesh.name, [...zones.keys()], own)),
    })),
  );
}

/**
 * Names that Kubernetes gives, in a zone that is a cluster. Where the mesh has MeshServices for all clients they stay in the
 * zone; else they reach every zone with the same tag (measured with Kuma 2.14.3, all four modes).
 */
function inCluster(from: string, own: ServicesHeld, all: ServicesHeld): ServiceAddress[] {
  const found = new Map<string, ServiceAddress>();
  for (const proxy of own.Dataplane) {
    const { mesh, networking } = proxy;
    const of = own.Mesh.find(({ name }) => name === mesh);
    if (!of || zoneOf(proxy, from) !== from) continue;
    const staysInZone = ["Everywhere", "Exclusive"].includes(String(valueAt(of.meshServices, "mode")));
    for (const tags of objectsIn(valueAt(networking, "inbound")).map((inbound) => valueAt(inbound, "tags"))) {
      const [name, namespace, port] = CLUSTER_TAGS.map((tag) => valueAt(tags, tag));
      const service = valueAt(tags, SERVICE_TAG);
      if (typeof service !== "string" || [name, namespace, port].some((part) => typeof part !== "string"))
        continue;
      const address = `${String(name)}.${String(namespace)}.svc:${String(port)}`;
      const zones = servicesIn(of.name, all).get(service) ?? new Map<string, number>();
      const reached = staysInZone ? [from] : reachedByTag(from, of.name, [...zones.keys()], own);
      found.set(`${of.name} ${address}`, {
        ...{ mesh: of.name, service, from, address },
        ...{ by: "Service", reaches: countedIn(zones, reached) },
      });
    }
  }
  return [...found.values()];
}

/** `localhost` ports that proxies of the zone have for services (Universal). A transparent proxy's are computed, and nobody's to call. */
function outbounds(from: string, own: ServicesHeld, all: ServicesHeld): ServiceAddress[] {
  const isTransparent = ({ networking }: Resource) => objectIn(valueAt(networking, "transparentProxying"));
  const proxies = own.Dataplane.filter((proxy) => !isTransparent(proxy));
  return proxies.flatMap((proxy) =>
    objectsIn(valueAt(proxy, "networking", "outbound")).flatMap((outbound): ServiceAddress[] => {
      const mesh = own.Mesh.find(({ name }) => name === proxy.mesh);
      if (!mesh) return [];
      const meant = serviceAt(outbound, mesh, from, own, all);
      if (!meant) return [];
      const { address = "127.0.0.1", port } = outbound;
      return [
        {
          ...{ mesh: mesh.name, service: meant.service, from, address: `${String(address)}:${String(port)}` },
          ...{ by: "outbound", proxy: proxy.name, reaches: meant.reaches },
        },
      ];
    }),
  );
}

/** What an outbound leads to: a service by its tag, or one that it refers to by its name or labels. */
function serviceAt(
  outbound: Record<string, unknown>,
  mesh: Resource,
  from: string,
  own: ServicesHeld,
  all: ServicesHeld,
): Pick<ServiceAddress, "service" | "reaches"> | undefined {
  const tag = valueAt(outbound, "tags", SERVICE_TAG);
  if (typeof tag === "string") {
    const zones = servicesIn(mesh.name, all).get(tag) ?? new Map<string, number>();
    return { service: tag, reaches: countedIn(zones, reachedByTag(from, mesh.name, [...zones.keys()], own)) };
  }
  const { kind, name, labels, port } = objectIn(outbound.backendRef) ?? {};
  const wanted = Object.entries(objectIn(labels) ?? {});
  const service = [...own.MeshService, ...own.MeshMultiZoneService].find(
    (each) =>
      each.type === kind &&
      each.mesh === mesh.name &&
      (wanted.length > 0
        ? wanted.every(([label, value]) => labelOf(each, label) === value)
        : each.name === name),
  );
  return service && { service: displayName(service), reaches: reachedByName(service, port, from, own, all) };
}

/** By service the zones that have it, with the number of proxies. */
function servicesIn(mesh: string, { Dataplane }: ServicesHeld): Map<string, Map<string, number>> {
  const services = new Map<string, Map<string, number>>();
  for (const { mesh: of, labels, networking } of Dataplane) {
    const zone = labels?.[ZONE_LABEL];
    if (of !== mesh || zone === undefined) continue;
    const tags = objectsIn(valueAt(networking, "inbound")).map((inbound) =>
      valueAt(inbound, "tags", SERVICE_TAG),
    );
    for (const service of new Set(tags)) {
      if (typeof service !== "string") continue;
      const zones = services.get(service) ?? new Map<string, number>();
      services.set(service, zones.set(zone, (zones.get(zone) ?? 0) + 1));
    }
  }
  return services;
}

/**
 * Of zones those that a client in one reaches by names of MeshServices, as its own control plane knows it: it has the doors of no zone that is disabled.
 * They take calls of a mesh whose proxies have certificates, and tell an address (Kuma v2.14.3, pkg/xds/topology/outbound.go).
 */
function reachedFrom(
  from: string,
  mesh: string | undefined,
  zones: readonly string[],
  own: ServicesHeld,
): string[] {
  const isEncrypted =
    own.Mesh.some((each) => each.name === mesh && hasMtls(each)) ||
    own.MeshIdentity.some((identity) => identity.mesh === mesh);
  const doors = [
    ...own.ZoneIngress.filter(tellsAddress),
    ...own.MeshZoneAddress.filter((address) => address.mesh === mesh),
  ].map(zoneOfDoor);
  return zones.filter((zone) => zone === from || (isEncrypted && doors.includes(zone)));
}

/**
 * By tag another zone is reached by its zone ingress alone, in a mesh with mTLS of its own (kumahq/kuma 14339) that has not MeshServices
 * alone (kumahq/kuma 10459), and through a zone egress where the mesh asks for one; by names of MeshServices calls go past that.
 */
function reachedByTag(from: string, meshName: string, zones: readonly string[], own: ServicesHeld): string[] {
  const mesh = own.Mesh.find(({ name }) => name === meshName);
  const hasEgress = own.ZoneEgress.some(
    ({ labels, zone }) => (labels?.[ZONE_LABEL] ?? (zone || from)) === from,
  );
  const leaves =
    mesh !== undefined &&
    hasMtls(mesh) &&
    hasTags(mesh) &&
    (hasEgress || valueAt(mesh.routing, "zoneEgress") !== true);
  const doors = leaves ? own.ZoneIngress.filter(tellsAddress).map(zoneOfDoor) : [];
  return zones.filter((zone) => zone === from || doors.includes(zone));
}

function tellsAddress({ networking }: Resource): boolean {
  return (
    Boolean(valueAt(networking, "advertisedAddress")) && Number(valueAt(networking, "advertisedPort")) > 0
  );
}

function countedIn(zones: ReadonlyMap<string, number>, reached: readonly string[]): ZoneInstances[] {
  return [...reached].sort().map((zone) => ({ zone, total: zones.get(zone) }));
}

function zoneOfDoor({ labels, zone }: Resource): unknown {
  return labels?.[ZONE_LABEL] ?? zone;
}

function namespaceOf({ labels }: Resource): string {
  return labels?.[NAMESPACE_LABEL] ?? "";
}

function labelOf(resource: Resource, label: string): unknown {
  return label === DISPLAY_NAME_LABEL ? displayName(resource) : resource.labels?.[label];
}

export function byAddress(a: ServiceAddress, b: ServiceAddress): number {
  const key = ({ mesh, service, from, address }: ServiceAddress) => [mesh, service, from, address].join(" ");
  return key(a) < key(b) ? -1 : 1;
}
