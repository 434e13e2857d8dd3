import type { Resource } from "../../../../../kuma";
import { UNIVERSAL_TYPES } from "../../../../support/resources/types";
import { Case, MESH, ofZone, stored, zoneNamed } from "../../fixtures";

const proxy = (zone: string, tags: object = {}): Resource =>
  ofZone(
    "Dataplane",
    `web-${zone}`,
    {
      networking: {
        inbound: [{ port: 80, tags: { "kuma.io/service": "web", "kuma.io/zone": zone, ...tags } }],
      },
    },
    zone,
  );
const ingress = (zone: string, host = `${zone}.example.com`): Resource => ({
  ...ofZone(
    "ZoneIngress",
    `in-${zone}`,
    { networking: { advertisedAddress: host, advertisedPort: 10001 } },
    zone,
  ),
  mesh: undefined,
});
const inMesh = (type: string, spec: object): Resource => ({ type, mesh: "default", name: "m", spec });
const PERMISSION = inMesh("MeshTrafficPermission", { from: [{ default: { action: "Allow" } }] });
const SERVICE = { spec: { ports: [{ port: 80 }] } };
const GENERATOR: Resource = {
  ...{ type: "HostnameGenerator", name: "g" },
  spec: { selector: { meshService: { matchLabels: {} } }, template: "{{ .Mesh }}.mesh" },
};
const TYPES = [
  ...UNIVERSAL_TYPES,
  ...["ZoneIngress", "ZoneEgress"].map((name) => ({
    ...{ name, path: `${name.toLowerCase()}es`, scope: "Global" as const },
    ...{ readOnly: false, includeInFederation: true },
  })),
];

/** A zone that joins zone-2, where both have a service web in mesh default. */
const joins = (inZone: readonly Resource[], onGlobal: readonly Resource[] = []) => ({
  zone: { types: TYPES, resources: [MESH, proxy("zone-1"), ...inZone] },
  global: {
    types: TYPES,
    resources: [{ type: "Zone", name: "zone-2" }, MESH, proxy("zone-2"), ingress("zone-2"), ...onGlobal],
  },
});

const withMesh = (more: object) => {
  const { zone, global } = joins([ingress("zone-1")], [PERMISSION]);
  const changed = (resources: readonly Resource[]) =>
    resources.map((each) => (each.type === "Mesh" ? { ...each, ...more } : each));
  return {
    zone: { ...zone, resources: changed(zone.resources) },
    global: { ...global, resources: changed(global.resources) },
  };
};

export const multiZone: Case[] = [
  [
    "the zone is older than the others",
    "zone-versions",
    "warning",
    { ...joins([]), zone: { ...joins([]).zone, version: "2.10.0" } },
    /the global runs 2\.14\.3, and zone zone-1 2\.10\.0/,
  ],
  [
    "the mesh has no mTLS",
    "mesh-mtls-across-zones",
    "warning",
    withMesh({ mtls: {} }),
    /mesh default: in zones zone-1, zone-2/,
  ],
  [
    "nothing permits a call",
    "mesh-permission",
    "warning",
    joins([]),
    /mesh default: zone zone-1 has no MeshTrafficPermission/,
  ],
  ["the zone has none", "zone-ingress", "warning", joins([]), /zone zone-1 has no zone ingress/],
  [
    "it tells an address of its own machine",
    "zone-ingress",
    "warning",
    joins([ingress("zone-1", "127.0.0.1")]),
    /zone zone-1: in-zone-1 tells an address of its own machine \(127\.0\.0\.1:10001\)/,
  ],
  ["it tells one that others reach", "zone-ingress", "ok", joins([ingress("zone-1")]), /has a zone ingress/],
  [
    "another zone has none as well",
    "zone-ingress",
    "warning",
    {
      ...joins([]),
      global: { types: TYPES, resources: [{ type: "Zone", name: "zone-2" }, MESH, proxy("zone-2")] },
    },
    /zone zone-1 has no zone ingress/,
  ],
  [
    "the mesh asks for one",
    "zone-egress",
    "warning",
    withMesh({ routing: { zoneEgress: true } }),
    /mesh default: zone zone-1 has no zone egress/,
  ],
  [
    "its protocol is another",
    "service-tags",
    "warning",
    joins([proxy("zone-1", { "kuma.io/protocol": "http" })], []),
    /service web in mesh default: http and tcp in zone zone-1, tcp in zone zone-2|http in zone zone-1, tcp in zone zone-2/,
  ],
  [
    "a service is in both zones",
    "locality",
    "warning",
    joins([]),
    /service web in mesh default: in zones zone-1, zone-2/,
  ],
  [
    "a template makes one for both zones",
    "hostnames-once",
    "warning",
    joins(
      [ofZone("MeshService", "web", SERVICE), GENERATOR],
      [ofZone("MeshService", "web.zone-2", SERVICE, "zone-2")],
    ),
    /default\.mesh in mesh default, in zone zone-1/,
  ],
  [
    "the zone brings one that selects nothing",
    "multi-zone-services",
    "warning",
    joins([
      inMesh("MeshMultiZoneService", { selector: { meshService: { matchLabels: { a: "b" } } }, ports: [] }),
    ]),
    /MeshMultiZoneService default\/m: no MeshService has the labels/,
  ],
  [
    "only the zone itself is known to the global",
    "zone-ingress",
    "ok",
    { global: stored(zoneNamed("zone-1")) },
    /There is no other zone on the global/,
  ],
  [
    "it is not known whether the permission that the zone brings permits a call",
    "mesh-permission",
    "inconclusive",
    joins([], [inMesh("MeshTrafficPermission", { from: [{ default: { action: "Novelty" } }] })]),
    /has a form that this program does not know/,
  ],
  [
    "others had none before",
    "zone-ingress",
    "ok",
    joins([ingress("zone-1")], [zoneNamed("zone-3"), proxy("zone-3")]),
    /Zone zone-1 changes nothing of that/,
  ],
];
