import { LookedAt, MULTI_ZONE_CHECKS, ProxyInZone, Resource, ZoneOnGlobal } from "../../../kuma";

export const NOW = "2026-11-27T12:00:00Z";

export const zoneOn = (name: string, more: Partial<ZoneOnGlobal> = {}): ZoneOnGlobal => ({
  ...{ name, enabled: true, online: true, version: "2.14.3", synced: [], instances: [`${name}-instance`] },
  ...more,
});

export const proxyIn = (
  zone: string,
  service = "web",
  tags: Record<string, string> = {},
  more: Partial<ProxyInZone> = {},
): ProxyInZone => ({
  ...{ name: `${service}-1`, zone, mesh: "default", connected: true, services: [service] },
  tags: [{ "kuma.io/service": service, "kuma.io/zone": zone, "kuma.io/protocol": "http", ...tags }],
  ...more,
});

export const mesh = (more: object = {}): Resource => ({
  ...{ type: "Mesh", name: "default" },
  ...{ mtls: { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] } },
  ...more,
});

export const inMesh = (
  type: string,
  name: string,
  spec: object,
  labels: Record<string, string> = {},
): Resource => ({
  ...{ type, mesh: "default", name, labels, spec },
});

export const permission = (default_: object, labels: Record<string, string> = {}): Resource =>
  inMesh(
    "MeshTrafficPermission",
    "p",
    { from: [{ targetRef: { kind: "Mesh" }, default: default_ }] },
    labels,
  );

export const allowAll = permission({ action: "Allow" });
export const local = inMesh("MeshLoadBalancingStrategy", "local", { to: [{ default: {} }] });

/** Two zones with a service in both, in which nothing is wrong. */
export const sound = (more: Partial<LookedAt> = {}): LookedAt => ({
  zones: [zoneOn("a"), zoneOn("b")],
  ingresses: ["a", "b"].map((zone) => ({
    name: `in-${zone}`,
    zone,
    address: `${zone}.example.com:10001`,
    connected: true,
  })),
  egresses: [],
  proxies: [proxyIn("a"), proxyIn("b")],
  resources: [mesh(), allowAll, local],
  ...{ globalVersion: "2.14.3", ends: [], now: NOW },
  ...more,
});

export function look(code: string, at: LookedAt) {
  const check = MULTI_ZONE_CHECKS.find((each) => each.code === code);
  if (!check) throw new Error(`there is no check ${code}`);
  return check.look(at);
}

/** What is the matter, where it is, what the check makes of it, and by what it is seen. */
export type Case = [what: string, at: LookedAt, verdict: string, evidence?: string[]];
export type Cases = Record<string, Case[]>;

export const ofZone = (zone: string) => ({ "kuma.io/origin": "zone", "kuma.io/zone": zone });

export const service = (
  zone: string,
  ports: object[] = [{ port: 80, appProtocol: "http" }],
  more: object = {},
): Resource =>
  inMesh(
    "MeshService",
    `web-${zone}`,
    { ports },
    { ...ofZone(zone), "kuma.io/display-name": "web", ...more },
  );

export const generator = (
  template: string,
  selector: object = { meshService: { matchLabels: {} } },
): Resource => ({
  ...{ type: "HostnameGenerator", name: "g", spec: { selector, template } },
});

export const multi = (matchLabels: object, port = 80): Resource =>
  inMesh("MeshMultiZoneService", "all", { selector: { meshService: { matchLabels } }, ports: [{ port }] });

export const withResources = (...resources: Resource[]) =>
  sound({ resources: [mesh(), allowAll, local, ...resources] });
