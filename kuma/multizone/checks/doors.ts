import * as net from "node:net";
import { zonesByAddress } from "../links";
import type { LookedAt, ZoneProxy } from "../world";
import { MultiZoneCheck, unless } from "./check";
import { meshesOverZones } from "./meshes";

export const zoneIngress: MultiZoneCheck = {
  code: "zone-ingress",
  title: "Each zone with services for others has a zone ingress that they can reach",
  look(at) {
    const meshes = meshesOverZones(at);
    const byAddress = meshes.map(({ mesh }) => zonesByAddress(mesh, at));
    const needed = meshes.flatMap(({ zones }, of) => zones.filter((zone) => !byAddress[of].includes(zone)));
    return unless(
      [...[...new Set(needed)].sort().flatMap((zone) => faultsOf(zone, at)), ...shared(at.ingresses)],
      meshes.length === 0
        ? "No mesh spans zones."
        : "Each zone with services for others has a zone ingress with an address for them.",
      "Calls from other zones do not reach the services of a zone, or not all of them do: they come in through its zone ingress.",
      "Run a zone ingress in that zone with a zone token of the global's, and an advertised address and port that proxies of the other zones reach. Of one that is gone delete the ZoneIngress at that zone's control plane. One without a listener gets none while its own control plane does not resolve the name that it advertises: the log there tells.",
    );
  },
};

function faultsOf(zone: string, at: LookedAt): string[] {
  const own = at.ingresses.filter((each) => each.zone === zone);
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
function whyNotReached({ address, serves }: ZoneProxy, { ingresses }: LookedAt): string | undefined {
  if (address === undefined) return "tells no advertised address with a port";
  if (serves === false) return `is connected and has no listener, so that nobody answers at ${address}`;
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
