import { digest, meshForGlobal } from "../../../../../kuma";
import {
  Case,
  MESH,
  KEY,
  ADMIN,
  TIMEOUT,
  ofZone,
  content,
  stored,
  globalsMesh,
  otherCa,
  withoutMtls,
} from "../../fixtures";

export const resources: Case[] = [
  [
    "a policy differs",
    "conflicts",
    "blocker",
    { global: stored({ ...TIMEOUT, conf: { a: 2 } }) },
    /1 resource\(s\) of zone zone-1 .*TrafficRoute default\/r: differs in conf\.a \(zone 1, global 2\).*onConflict/,
  ],
  [
    "a policy differs, and is to be overwritten",
    "conflicts",
    "warning",
    {
      global: stored({ ...TIMEOUT, conf: { a: 2 } }),
      federation: { onConflict: [{ resources: "TrafficRoute */*", choice: "overwrite" }] },
    },
    /overwrite: TrafficRoute default\/r/,
  ],
  [
    "a mesh differs in something else than its authority",
    "conflicts",
    "blocker",
    { global: stored(globalsMesh) },
    /Mesh default: differs in metrics/,
  ],
  [
    "a mesh has another authority",
    "mesh-authority",
    "blocker",
    { global: stored(otherCa), federation: { onConflict: "overwrite" } },
    /Mesh default has another certificate authority.*zone backend .*; global backend .*choice: keepGlobal\}: .*choice: overwrite\}: /,
  ],
  [
    "the zone has no mTLS in a mesh in which the global has",
    "mesh-authority",
    "blocker",
    {
      zone: stored(...content.map((each) => (each === MESH ? withoutMtls : each))),
      global: stored(meshForGlobal(MESH), ofZone("Dataplane", "elsewhere", {}, "zone-2")),
    },
    /zone no mTLS; global backend ca-1.*choice: keepGlobal\}: the 0 data plane proxies of zone zone-1 begin with mTLS.*choice: overwrite, endsMtls: true\}: the 1 data plane proxy of other zones lose mTLS/,
  ],
  [
    "mTLS of the global would end by a choice that does not say so",
    "mesh-authority",
    "blocker",
    {
      zone: stored(...content.map((each) => (each === MESH ? withoutMtls : each))),
      global: stored(meshForGlobal(MESH)),
      federation: { onConflict: [{ resources: "Mesh default", choice: "overwrite" }] },
    },
    /endsMtls: true/,
  ],
  [
    "mTLS of the zone would end by a choice that does not say so",
    "mesh-authority",
    "blocker",
    {
      global: stored(withoutMtls),
      federation: { onConflict: [{ resources: "Mesh default", choice: "keepGlobal" }] },
    },
    /choice: overwrite\}: the 0 data plane proxies of other zones begin with mTLS.*choice: keepGlobal, endsMtls: true\}: /,
  ],
  [
    "mTLS ends by a choice that says so",
    "mesh-authority",
    "warning",
    {
      global: stored(withoutMtls),
      federation: { onConflict: [{ resources: "Mesh default", choice: "keepGlobal", endsMtls: true }] },
    },
    /mTLS ends in mesh default, as endsMtls allows/,
  ],
  [
    "an authority's key differs",
    "mesh-authority",
    "blocker",
    {
      global: stored({ ...KEY, data: "b3RoZXI=" }),
      federation: { onConflict: [{ resources: "*", choice: "keepGlobal" }] },
    },
    new RegExp(`ca-builtin-key-ca-1: zone ${digest(KEY)}, global hmac`),
  ],
  [
    "a mesh has another authority, and is to be overwritten",
    "mesh-authority",
    "warning",
    {
      global: stored(otherCa),
      federation: { onConflict: [{ resources: "Mesh default", choice: "overwrite" }] },
    },
    /needs new certificates/,
  ],
  [
    "signing keys give way",
    "secrets",
    "warning",
    {
      global: stored({ ...ADMIN, data: "b3RoZXI=" }, { type: "Mesh", name: "other" }),
      federation: { onConflict: "keepGlobal" },
    },
    /1 signing key\(s\) differ/,
  ],
  ["the zone shows no secret", "secrets", "inconclusive", { zone: stored(MESH) }, /shows no secret/],
];
