import {
  ControlPlaneInfo,
  LookedAt,
  MULTI_ZONE_CHECKS,
  MultiZone,
  ProxyInZone,
  ZoneReport,
  docOf,
  isEncrypted,
  linksOf,
  leavesByEgress,
  ofType,
  oneLine,
  parseVersion,
  zonesOf,
} from "../../kuma";
import type { CheckInStatus, StatusReport, ZoneInStatus } from "./report";

/** What is told of meshes and services over zones. */
export type AcrossZones = Pick<StatusReport, "links" | "meshes" | "services">;

export function acrossZones(world: MultiZone | undefined): AcrossZones {
  if (!world) return { links: [], meshes: [], services: [] };
  const meshes = ofType(world, "Mesh").map((mesh) => {
    const inMesh = world.proxies.filter((each) => each.mesh === mesh.name);
    return {
      name: mesh.name,
      mtls: isEncrypted(mesh, world),
      egress: leavesByEgress(mesh),
      zones: zonesOf(mesh.name, world),
      proxies: counted(inMesh),
      services: new Set(inMesh.flatMap(({ services }) => services)).size,
    };
  });
  return { links: linksOf(world), meshes: meshes.sort(byName), services: servicesIn(world) };
}

/** What is wrong with the mesh over its zones, by each check. */
export function checksOf(at: LookedAt): CheckInStatus[] {
  return MULTI_ZONE_CHECKS.map((check) => {
    const { verdict, sentence, evidence = [], remedy } = check.look(at);
    const { code, title } = check;
    // evidence is made of words of others
    return { code, title, verdict, sentence, evidence: evidence.map(oneLine), remedy, doc: docOf(check) };
  });
}

/** What of it decides about the outcome. */
export function told(checks: readonly CheckInStatus[]): { problems: string[]; inconclusive: string[] } {
  const of = (wanted: CheckInStatus["verdict"]) =>
    checks.filter(({ verdict }) => verdict === wanted).map(({ sentence }) => sentence);
  return { problems: of("blocker"), inconclusive: of("inconclusive") };
}

/** A zone as it was compared, together with what the global tells of it. */
export function zoneInStatus(
  zone: ZoneReport & Pick<ZoneInStatus, "proxies">,
  world: MultiZone | undefined,
  global: Pick<ControlPlaneInfo, "version"> | undefined,
): ZoneInStatus {
  const known = world?.zones.find(({ name }) => name === zone.name);
  const sum = (field: "sent" | "refused") => known?.synced.reduce((all, each) => all + each[field], 0) ?? 0;
  const own = (all: MultiZone["ingresses"]) =>
    all
      .filter((each) => each.zone === zone.name)
      .map(({ name, address = null, connected = null }) => ({ name, address, connected }));
  return {
    ...zone,
    since: known?.since ?? null,
    skew: skewOf(zone.version, global?.version),
    sync: known
      ? { at: known.syncedAt ?? null, sent: sum("sent"), refused: sum("refused"), types: known.synced }
      : null,
    ingress: own(world?.ingresses ?? []),
    egress: own(world?.egresses ?? []),
  };
}

function skewOf(zone: string | undefined, global: string | undefined): ZoneInStatus["skew"] {
  const [z, g] = [zone, global].map((version) => (version === undefined ? undefined : parseVersion(version)));
  if (zone !== undefined && zone === global) return "same";
  if (!z || !g) return "unknown";
  const difference = z.major - g.major || z.minor - g.minor;
  return difference === 0 ? "same" : difference < 0 ? "older" : "newer";
}

function servicesIn({ proxies }: MultiZone): StatusReport["services"] {
  const found = new Map<string, { mesh: string; service: string; by: Map<string, ProxyInZone[]> }>();
  for (const proxy of proxies)
    for (const service of proxy.services) {
      const key = `${proxy.mesh}\n${service}`;
      const entry = found.get(key) ?? { mesh: proxy.mesh, service, by: new Map<string, ProxyInZone[]>() };
      entry.by.set(proxy.zone, [...(entry.by.get(proxy.zone) ?? []), proxy]);
      found.set(key, entry);
    }
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { mesh, service, by }]) => ({
      ...{ mesh, service },
      zones: [...by]
        .map(([zone, all]) => ({ zone, ...countedIn(all) }))
        .sort((a, b) => (a.zone < b.zone ? -1 : 1)),
    }));
}

function counted(proxies: readonly ProxyInZone[]): { registered: number; connected: number } {
  return { registered: proxies.length, connected: proxies.filter(({ connected }) => connected).length };
}

/** Of one zone: when it is offline, nobody knows how many of its proxies are connected. */
function countedIn(zone: readonly ProxyInZone[]): { registered: number; connected: number | null } {
  return zone.every(({ connected }) => connected === undefined)
    ? { registered: zone.length, connected: null }
    : counted(zone);
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}
