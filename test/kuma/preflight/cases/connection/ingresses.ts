import type { Resource } from "../../../../../kuma";
import { UNIVERSAL_TYPES } from "../../../../support/resources/types";
import { Case, MESH, content, ofZone } from "../../fixtures";

const ingress = (zone: string, port: number): Resource => ({
  ...ofZone(
    "ZoneIngress",
    `in-${zone}`,
    { networking: { advertisedAddress: "198.51.100.7", advertisedPort: port } },
    zone,
  ),
  mesh: undefined,
});
const TYPE = { name: "ZoneIngress", path: "zoneingresses", scope: "Global" as const };
const types = [...UNIVERSAL_TYPES, { ...TYPE, readOnly: false, includeInFederation: true }];
/** Its own ingress is nothing that it dials. */
const zone = { types, resources: [...content, ingress("zone-1", 10_001)] };
const global = { types, resources: [MESH, ingress("zone-1", 10_001), ingress("zone-2", 10_002)] };
const plan = { resources: [] };
const earlier = [{ zoneName: "zone-3", plan, kept: [ingress("zone-3", 10_003)] }];

export const ingresses: Case[] = [
  [
    "the zone's host reaches none of them",
    "ingresses-reachable",
    "warning",
    { zone, global, host: { reaches: [] } },
    /host root@zone-1 does not reach .* calls from zone zone-1 .*in-zone-2 of zone zone-2, at 198\.51\.100\.7:10002: .*does not answer/,
  ],
  [
    "one of them is reached, and that of a zone that joins before is not",
    "ingresses-reachable",
    "warning",
    { zone, global, federation: { earlier }, host: { reaches: ["198.51.100.7:10002"] } },
    /their services would fail\. in-zone-3 of zone zone-3, at 198\.51\.100\.7:10003/,
  ],
  [
    "all of them are reached",
    "ingresses-reachable",
    "ok",
    {
      ...{ zone, global, federation: { earlier } },
      host: { reaches: ["198.51.100.7:10002", "198.51.100.7:10003"] },
    },
    /reaches the zone ingresses of the other zones\. in-zone-2 .* in-zone-3/,
  ],
];
