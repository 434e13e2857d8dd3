import * as net from "node:net";
import { ZONE_LABEL } from "../../resource/resource";
import { leavesByEgress, needsEgress, zonesOf } from "../links";
import { LookedAt, ZoneProxy, ofType } from "../world";
import { MultiZoneCheck, unless } from "./check";
import { meshesOverZones } from "./meshes";

export const zoneIngress: MultiZoneCheck = {
  code: "zone-ingress",
  title: "Each zone with services for others has a zone ingress that they can reach",
  look(at) {
    const zones = [...new Set(meshesOverZones(at).flatMap((each) => each.zones))].sort();
    return unless(
      [...zones.flatMap((zone) => faultsOf(zone, at)), ...shared(at.ingresses)],
      zones.length === 0
        ? "No mesh spans zones."
        : "Each zone with services for others has a zone ingress with an address for them.",
      "Calls from other zones do not reach the services of a zone, or not all of them do: they come in through its zone ingress.",
      "Run a zone ingress in that zone with a zone token of the global's, and an advertised address and port that proxies of the other zones reach. Of one that is gone delete the ZoneIngress at that zone's control plane.",
    );
  },
};

function faultsOf(zone: string, at: LookedAt): string[] {
  const own = at.ingresses.filter((each) => each.zone === zone);
  const inMesh = ofType(at, "MeshZoneAddress").some(({ labels }) => labels?.[ZONE_LABEL] === zone);
  if (inMesh) return [];
  if (own.length === 0) return [`zone ${zone} has no zone ingress`];
  const serving = own.filter(({ connected }) => connected !== false);
  if (serving.length === 0)
    return [
      `zone ${zone}: ${own.map(({ name }) => name).join(", ")} is not connected with its control plane`,
    ];
  const reached = serving.map((each) => whyNotReached(each, at));
  return [
    ...(reached.includes(undefined)
      ? []
      : serving.map(({ name }, index) => `zone ${zone}: ${name} ${reached[index]}`)),
    ...gone(own, serving).map(
      ({ name, address }) =>
        `zone ${zone}: ${name} is not connected with its control plane, and a part of the calls goes to its address (${address})`,
    ),
  ];
}

/**
 * Kuma sends calls to every address that a ZoneIngress tells, whether it is connected or not (v2.14.3,
 * pkg/xds/topology/outbound.go). One that others serve too, as instances behind a load balancer, is not gone.
 */
function gone(own: readonly ZoneProxy[], serving: readonly ZoneProxy[]): ZoneProxy[] {
  const served = new Set(serving.map(({ address }) => address));
  return own.filter(
    ({ connected, address }) => connected === false && address !== undefined && !served.has(address),
  );
}

/** Undefined where nothing speaks against it. */
function whyNotReached({ address }: ZoneProxy, { ingresses }: LookedAt): string | undefined {
  if (address === undefined) return "tells no advertised address with a port";
  const host = hostOf(address);
  if (isUnspecified(host)) return `tells an address that is nobody's (${address})`;
  if (/\.svc(\.cluster\.local)?\.?$/i.test(host))
    return `tells a name that only its own cluster knows (${address})`;
  // where all of them are on one machine, it is right
  const isElsewhere = ingresses.some(
    (each) => each.address !== undefined && !isLoopback(hostOf(each.address)),
  );
  if (isLoopback(host) && isElsewhere) return `tells an address of its own machine (${address})`;
  return undefined;
}

function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(":")).replace(/[[\]]/g, "");
}

function isLoopback(host: string): boolean {
  return host === "localhost" || (net.isIPv4(host) && host.startsWith("127.")) || host === "::1";
}

function isUnspecified(host: string): boolean {
  return host === "0.0.0.0" || host === "::" || /^169\.254\./.test(host);
}

/** Two zones that tell one address: calls to at least one of them come out in the other. */
function shared(ingresses: readonly ZoneProxy[]): string[] {
  const byAddress = new Map<string, Set<string>>();
  for (const { address, zone } of ingresses)
    if (address !== undefined) byAddress.set(address, (byAddress.get(address) ?? new Set()).add(zone));
  return [...byAddress]
    .filter(([, zones]) => zones.size > 1)
    .map(([address, zones]) => `zones ${[...zones].sort().join(" and ")} tell one address (${address})`);
}

export const zoneEgress: MultiZoneCheck = {
  code: "zone-egress",
  title: "Where a mesh sends calls out through a zone egress, each of its zones has one",
  look(at) {
    const past = meshesOverZones(at)
      .filter(({ mesh }) => needsEgress(mesh) && !leavesByEgress(mesh))
      .map(({ mesh }) => `mesh ${mesh.name}: with MeshServices alone its calls to other zones go past it`);
    const lacking = ofType(at, "Mesh")
      .filter(needsEgress)
      .flatMap((mesh) =>
        zonesOf(mesh.name, at).flatMap((zone) => {
          const own = at.egresses.filter((each) => each.zone === zone);
          if (own.some(({ connected }) => connected !== false)) return [];
          const why = own.length === 0 ? "has no zone egress" : "has no zone egress that is connected";
          return [`mesh ${mesh.name}: zone ${zone} ${why}`];
        }),
      );
    return unless(
      [...lacking, ...past],
      "Each zone has the zone egress that its meshes ask for.",
      lacking.length > 0
        ? "A mesh asks for a zone egress (routing.zoneEgress), and a zone has none: its proxies have no way to external services, nor, where services are known by their tag, to those of other zones."
        : "A mesh asks for a zone egress (routing.zoneEgress), and its calls to other zones do not leave through it.",
      lacking.length > 0
        ? "Run a zone egress in that zone with a zone token of the global's, or take routing.zoneEgress out of the mesh."
        : "Where calls have to leave by one address, close the other ways by a firewall, or have services known by their tag (meshServices.mode other than Exclusive).",
    );
  },
};
