import { valueAt } from "../../api/json";
import { hasMtls } from "../../resource/meshEncryption";
import { Resource, ZONE_LABEL, displayName } from "../../resource/resource";
import { leavesByEgress, needsEgress, zonesOf } from "../links";
import { LookedAt, ofType } from "../world";
import { MultiZoneCheck, unless } from "./check";
import { meshesOverZones } from "./meshes";

const TOKEN = "with a zone token of the global's";

/** The worst first, which says what it means. */
const FAULTS = {
  lacking: {
    means:
      "A mesh asks for a zone egress (routing.zoneEgress), and a zone has none: its proxies have no way to external services, nor, where services are known by their tag, to those of other zones.",
    remedy: `Run a zone egress in that zone ${TOKEN}, or take routing.zoneEgress out of the mesh: MeshExternalServices need one all the same.`,
  },
  external: {
    means:
      "What is outside of the mesh is called through a zone egress, and the way is not there: calls to it fail.",
    remedy: `Run it in that zone ${TOKEN}.`,
  },
  unserved: {
    means:
      "A zone egress serves no mesh without mTLS of its own, as it routes by the server name of TLS: calls to what is outside of the mesh fail there.",
    remedy: "Enable mTLS in the mesh (mtls.enabledBackend); a MeshIdentity does not take its place there.",
  },
  past: {
    means:
      "A mesh asks for a zone egress (routing.zoneEgress), and its calls to other zones do not leave through it.",
    remedy:
      "Where calls have to leave by one address, close the other ways by a firewall, or have services known by their tag (meshServices.mode other than Exclusive).",
  },
};

export const zoneEgress: MultiZoneCheck = {
  code: "zone-egress",
  title: "Where calls of a mesh go out through a zone egress, each of its zones has one",
  look(at) {
    const past = meshesOverZones(at)
      .filter(({ mesh }) => needsEgress(mesh) && !leavesByEgress(mesh))
      .map(({ mesh }) => `mesh ${mesh.name}: with MeshServices alone its calls to other zones go past it`);
    const meshes = ofType(at, "Mesh");
    const lacking = meshes
      .filter(needsEgress)
      .flatMap((mesh) => zonesOf(mesh.name, at).flatMap((zone) => without(zone, mesh, at)));
    const external = meshes.flatMap((mesh) => [...meshExternal(mesh, at), ...ofOneZone(mesh, at)]);
    const unserved = meshes.flatMap((mesh) => withoutServerName(mesh, at));
    const found = { lacking, external, unserved, past };
    const worst = (Object.keys(FAULTS) as (keyof typeof found)[]).find((kind) => found[kind].length > 0);
    const { means, remedy } = FAULTS[worst ?? "past"];
    return unless(
      Object.values(found).flat(),
      "Each zone has the zone egress that its meshes ask for.",
      means,
      remedy,
    );
  },
};

function without(zone: string, mesh: Resource, at: LookedAt): string[] {
  const own = at.egresses.filter((each) => each.zone === zone);
  if (own.some(({ connected }) => connected !== false)) return [];
  const why = own.length === 0 ? "has no zone egress" : "has no zone egress that is connected";
  return [`mesh ${mesh.name}: zone ${zone} ${why}`];
}

/**
 * Zones from which a MeshExternalService is called, and that have no zone egress: it goes by none other, whatever the mesh asks for
 * (kumahq/kuma 11443, and v2.14.3, pkg/xds/topology/outbound.go). One that a zone owns is called there alone.
 */
function meshExternal(mesh: Resource, at: LookedAt): string[] {
  // those that lack one are told by the mesh's own setting
  if (needsEgress(mesh)) return [];
  return zonesOf(mesh.name, at).flatMap((zone) => {
    const called = calledByEgress("MeshExternalService", zone, mesh, at);
    if (called === undefined || hasOwn(zone, mesh, at)) return [];
    return without(zone, mesh, at).map((told) => `${told}, for ${called}`);
  });
}

/** What of a type is called in a zone through its zone egress. */
function calledByEgress(
  type: "MeshExternalService" | "ExternalService",
  zone: string,
  mesh: Resource,
  at: LookedAt,
): string | undefined {
  const called = ofType(at, type).filter(
    (each) => each.mesh === mesh.name && [undefined, "", zone].includes(each.labels?.[ZONE_LABEL]),
  );
  if (called.length === 0) return undefined;
  return `${type} ${[...new Set(called.map(displayName))].sort().join(", ")}`;
}

/** What is outside of a mesh that a zone egress leaves out (Kuma v2.14.3, pkg/xds/sync/egress_proxy_builder.go). */
function withoutServerName(mesh: Resource, at: LookedAt): string[] {
  if (hasMtls(mesh)) return [];
  return zonesOf(mesh.name, at).flatMap((zone) => {
    if (without(zone, mesh, at).length > 0 || hasOwn(zone, mesh, at)) return [];
    const services = calledByEgress("MeshExternalService", zone, mesh, at);
    const byTag = leavesByEgress(mesh) ? calledByEgress("ExternalService", zone, mesh, at) : undefined;
    return [services, byTag].flatMap((called) =>
      called === undefined
        ? []
        : [
            `mesh ${mesh.name}: the zone egress of zone ${zone} serves no mesh without mTLS of its own, for ${called}`,
          ],
    );
  });
}

/** A data plane proxy of the mesh that is a zone egress (Kuma 2.14 and later) serves that mesh alone. */
function hasOwn(zone: string, mesh: Resource, { proxies }: LookedAt): boolean {
  return proxies.some((each) => each.isEgress === true && each.zone === zone && each.mesh === mesh.name);
}

/**
 * An ExternalService with the tag of a zone is called from the others through the zone ingress and then the zone egress of that zone,
 * where the mesh asks for a zone egress (kumahq/kuma 6352; v2.14.3, pkg/zone/available_services.go).
 */
function ofOneZone(mesh: Resource, at: LookedAt): string[] {
  if (!leavesByEgress(mesh)) return [];
  const zones = zonesOf(mesh.name, at);
  return ofType(at, "ExternalService").flatMap((service) => {
    const zone = valueAt(service, "tags", ZONE_LABEL);
    if (service.mesh !== mesh.name || typeof zone !== "string" || zone === "") return [];
    if (zones.every((each) => each === zone)) return [];
    const what = `for ExternalService ${displayName(service)}, which has its tag`;
    const serves = ({ zone: of, address }: LookedAt["ingresses"][number]) =>
      of === zone && address !== undefined;
    return [
      // where it has proxies, that is told already
      ...(zones.includes(zone) ? [] : without(zone, mesh, at).map((told) => `${told}, ${what}`)),
      ...(at.ingresses.some(serves)
        ? []
        : [`mesh ${mesh.name}: zone ${zone} has no zone ingress with an address, ${what}`]),
    ];
  });
}
