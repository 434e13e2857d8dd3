import { hasTags } from "../resource/mesh";
import { hasMtls } from "../resource/meshEncryption";
import { Resource, ZONE_LABEL } from "../resource/resource";
import { objectIn, valueAt } from "../api/json";
import { MultiZone, ZoneProxy, ofType } from "./world";

/** Whether clients in one zone can call services of another one in a mesh, by what the control planes know. */
export interface Link {
  from: string;
  to: string;
  mesh: string;
  /** `stale`: as it was when one of the two was last connected with the global. */
  state: "open" | "stale" | "closed";
  /** Why it is not open; one clause each. */
  why: string[];
}

/** Zones in which a mesh has data plane proxies. */
export function zonesOf(mesh: string, { proxies }: Pick<MultiZone, "proxies">): string[] {
  return [...new Set(proxies.filter((each) => each.mesh === mesh).map(({ zone }) => zone))].sort();
}

/** Whether proxies of the mesh have certificates: by its own mTLS, or by a MeshIdentity (Kuma 2.12 and later). */
export function isEncrypted(mesh: Resource, world: Pick<MultiZone, "resources">): boolean {
  return hasMtls(mesh) || ofType(world, "MeshIdentity").some((identity) => identity.mesh === mesh.name);
}

/** All that MeshIdentities and MeshZoneAddresses give to other zones goes by MeshServices. Kuma 3 has no other services, nor the setting. */
function hasMeshServices(mesh: Resource, world: Pick<MultiZone, "resources">): boolean {
  const { mode = "Disabled" } = objectIn(mesh.meshServices) ?? {};
  return mode !== "Disabled" || ofType(world, "MeshService").some((each) => each.mesh === mesh.name);
}

/**
 * No call of the mesh leaves its zone though its proxies have certificates: those of a MeshIdentity are taken for MeshServices, of which
 * it has none (kumahq/kuma 14339, and v2.14.3, pkg/xds/topology/outbound.go, fillIngressOutbounds).
 */
export function isEncryptedInZonesAlone(mesh: Resource, world: Pick<MultiZone, "resources">): boolean {
  return !hasMtls(mesh) && isEncrypted(mesh, world) && !hasMeshServices(mesh, world);
}

/** Zones whose services are reached by a MeshZoneAddress of the mesh: only MeshServices are. */
export function zonesByAddress(mesh: Resource, world: Pick<MultiZone, "resources">): string[] {
  if (!hasMeshServices(mesh, world)) return [];
  return ofType(world, "MeshZoneAddress").flatMap(({ mesh: of, labels }) =>
    of === mesh.name ? (labels?.[ZONE_LABEL] ?? []) : [],
  );
}

/** The mesh asks for a zone egress in each of its zones. */
export function needsEgress(mesh: Resource): boolean {
  return valueAt(mesh.routing, "zoneEgress") === true;
}

/**
 * The mesh's calls to other zones leave through a zone egress. With MeshServices alone they go past it, whatever the mesh
 * asks for (Kuma v2.14.3, pkg/xds/topology/outbound.go, fillRemoteMeshServices).
 */
export function leavesByEgress(mesh: Resource): boolean {
  return needsEgress(mesh) && hasTags(mesh);
}

/** Every pair of zones of every mesh that has proxies in both. */
export function linksOf(world: MultiZone): Link[] {
  return ofType(world, "Mesh").flatMap((mesh) => {
    const zones = zonesOf(mesh.name, world);
    return zones.flatMap((from) =>
      zones.filter((to) => to !== from).map((to) => linkOf(mesh, from, to, world)),
    );
  });
}

function linkOf(mesh: Resource, from: string, to: string, world: MultiZone): Link {
  const zone = (name: string) => world.zones.find((each) => each.name === name);
  const ingresses = world.ingresses.filter((each) => each.zone === to);
  const inMesh = zonesByAddress(mesh, world).includes(to);
  const egresses = world.egresses.filter((each) => each.zone === from);
  const closed = [
    ...(isEncrypted(mesh, world) ? [] : [`mesh ${mesh.name} has no mTLS`]),
    ...(isEncryptedInZonesAlone(mesh, world)
      ? [`mesh ${mesh.name} has neither mTLS of its own nor MeshServices`]
      : []),
    ...(zone(to)?.enabled === false ? [`zone ${to} is disabled on the global`] : []),
    ...(inMesh || ingresses.some(takesCalls) ? [] : [whyNoWayIn(to, ingresses)]),
    ...(leavesByEgress(mesh) && !egresses.some(({ connected }) => connected !== false)
      ? [`zone ${from} has no zone egress that is connected, and mesh ${mesh.name} asks for one`]
      : []),
  ];
  const stale = [from, to]
    .filter((name) => zone(name)?.online !== true)
    .map((name) => `zone ${name} is offline`);
  const state = closed.length > 0 ? "closed" : stale.length > 0 ? "stale" : "open";
  return { from, to, mesh: mesh.name, state, why: [...closed, ...stale] };
}

/** One and the same zone ingress has to be connected, serve, and tell an address: of halves none takes a call. */
function takesCalls({ address, connected, serves }: ZoneProxy): boolean {
  return address !== undefined && connected !== false && serves !== false;
}

function whyNoWayIn(zone: string, ingresses: readonly ZoneProxy[]): string {
  if (ingresses.length === 0) return `zone ${zone} has no zone ingress`;
  const connected = ingresses.filter((each) => each.connected !== false);
  if (connected.length === 0) return `no zone ingress of ${zone} is connected`;
  if (connected.some(({ address }) => address !== undefined))
    return `no zone ingress of ${zone} that tells an address has a listener`;
  return connected.length === ingresses.length
    ? `no zone ingress of ${zone} tells an address`
    : `no zone ingress of ${zone} that is connected tells an address`;
}
