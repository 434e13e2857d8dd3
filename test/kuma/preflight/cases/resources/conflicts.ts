import { Resource, digest, keyOf, meshForGlobal } from "../../../../../kuma";
import type { EarlierZone } from "../../../../../kuma/federation/earlier";
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
  earlier,
  identity,
  identityKey,
  own,
  unseen,
  zoneConfig,
  zoneNamed,
} from "../../fixtures";

const backend = { type: "provided", conf: {} };
const twoBackends: Resource = {
  ...{ type: "Mesh", name: "default" },
  mtls: { enabledBackend: "ca-2", backends: ["ca-1", "ca-2"].map((name) => ({ name, ...backend })) },
};
const inNamespace = (namespace: string) => ({ labels: { ...own, "k8s.kuma.io/namespace": namespace } });
/** A zone that joins before, for which nobody has chosen yet. */
const conflicting = (zoneName: string, resource: Resource): EarlierZone => ({
  ...{ zoneName, kept: [] },
  plan: { resources: [{ key: keyOf(resource), resource, action: "conflict" }] },
});

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
    /zone no mTLS; global backend ca-1.*choice: keepGlobal\}: 0 data plane proxies of zone zone-1: mTLS begins.*choice: overwrite, endsMtls: true\}: 1 data plane proxy of other zones: mTLS ends/,
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
    /choice: overwrite\}: 0 data plane proxies of other zones: mTLS begins.*choice: keepGlobal, endsMtls: true\}: /,
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
  [
    "a Zone that is left over keeps the global's own secrets from giving way",
    "conflicts",
    "blocker",
    { global: stored({ ...ADMIN, data: "b3RoZXI=" }, zoneNamed("zone-9")) },
    /GlobalSecret admin-user-token: each control plane makes these .* This one has Zone zone-9\. If that is left over, .*delete it there \(kumactl delete zone zone-9\) and/,
  ],
  [
    "a mesh that the zone has not keeps the global's own secrets from giving way",
    "conflicts",
    "blocker",
    { global: stored({ ...ADMIN, data: "b3RoZXI=" }, { type: "Mesh", name: "other" }) },
    /This one has Mesh other\. If that is left over/,
  ],
  ["the zone shows no secret", "secrets", "inconclusive", { zone: stored(MESH) }, /shows no secret/],
  [
    "a policy differs, and the global's is to stay",
    "conflicts",
    "warning",
    {
      global: stored({ ...TIMEOUT, conf: { a: 2 } }),
      federation: { onConflict: [{ resources: "TrafficRoute */*", choice: "keepGlobal" }] },
    },
    /keepGlobal: TrafficRoute default\/r/,
  ],
  [
    "what differs is an authority of a mesh, which is told of by itself",
    "conflicts",
    "ok",
    { global: stored(otherCa) },
    /Nothing is on the global with other content/,
  ],
  [
    "what differs is the authority of an identity, which is told of by itself",
    "conflicts",
    "ok",
    {
      zone: stored(...content, identity, identityKey),
      global: stored({ ...identityKey, data: "b3RoZXI=" }),
    },
    /Nothing is on the global with other content/,
  ],
  [
    "zones join before that bring nothing else",
    "conflicts",
    "ok",
    { federation: { earlier: [earlier("zone-0", [TIMEOUT]), earlier("zone-3", [])] } },
    /Nothing is on the global with other content, nor does zone zone-0, zone-3 bring any\./,
  ],
  [
    "zones join before that could not be looked at",
    "conflicts",
    "inconclusive",
    { federation: { earlier: [unseen("zone-0"), earlier("zone-3", []), unseen("zone-4")] } },
    /not compared with zone zone-0, zone-4, .*See what is said of zone zone-0, zone-4/,
  ],
  [
    "zones join before that bring the same policy with other content",
    "conflicts",
    "blocker",
    {
      federation: {
        global: undefined,
        earlier: [
          earlier("zone-0", [{ ...TIMEOUT, conf: { a: 2 } }]),
          earlier("zone-3", [{ ...TIMEOUT, conf: { a: 3 } }]),
        ],
      },
    },
    /or come with other content from zone zone-0, zone-3, which joins before/,
  ],
  [
    "several meshes have another authority",
    "mesh-authority",
    "blocker",
    {
      zone: stored(...content, { ...MESH, name: "second" }),
      global: stored(otherCa, { ...otherCa, name: "second" }),
    },
    /Mesh default, second has another certificate authority/,
  ],
  [
    "one of two backends is in force, and proxies of other meshes are not concerned",
    "mesh-authority",
    "blocker",
    {
      zone: stored(
        ...content.map((each) => (each === MESH ? twoBackends : each)),
        ofZone("Dataplane", "web"),
        ofZone("Dataplane", "elsewhere", { mesh: "second" }),
      ),
      global: stored(meshForGlobal(MESH)),
    },
    /zone backend ca-1 \(provided\), backend ca-2 \(provided, in force\); global backend ca-1.*1 data plane proxy of zone zone-1/,
  ],
  [
    "zones join before with another authority",
    "mesh-authority",
    "blocker",
    {
      federation: {
        global: undefined,
        earlier: [
          earlier("zone-0", [otherCa], [ofZone("Dataplane", "web", {}, "zone-0")]),
          earlier("zone-3", [otherCa]),
        ],
      },
    },
    /on the global, or in zone zone-0, zone-3, than .*; zone zone-0, zone-3 backend other .*1 data plane proxy of other zones/,
  ],
  [
    "a zone joins before with an authority that is neither the global's",
    "mesh-authority",
    "blocker",
    {
      global: stored(otherCa),
      federation: { earlier: [conflicting("zone-0", withoutMtls)] },
    },
    /; global backend other \(builtin, in force\); zone zone-0 no mTLS/,
  ],
  [
    "mTLS ends in several meshes by choices that say so",
    "mesh-authority",
    "warning",
    {
      zone: stored(...content, { ...MESH, name: "second" }),
      global: stored(withoutMtls, { ...withoutMtls, name: "second" }),
      federation: {
        onConflict: ["default", "second"].map((name) => ({
          ...{ resources: `Mesh ${name}`, choice: "keepGlobal" as const },
          endsMtls: true,
        })),
      },
    },
    /mTLS ends in mesh default, second, /,
  ],
  [
    "the global has one of them already",
    "secrets",
    "ok",
    { global: stored(KEY) },
    /2 secret\(s\) of the zone come along, 1 of them/,
  ],
  [
    "signing keys of the global give way",
    "secrets",
    "warning",
    {
      global: stored({ ...ADMIN, data: "b3RoZXI=" }, { type: "Mesh", name: "other" }),
      federation: { onConflict: "overwrite" },
    },
    /the global's is replaced/,
  ],
  [
    "policies are in namespaces of applications",
    "namespaced",
    "ok",
    {
      zone: {
        config: zoneConfig({ environment: "kubernetes" }),
        resources: [
          ...[...content, { type: "MeshTimeout", mesh: "default", name: "old", spec: {} }],
          ...["shop", "bank"].map((each) => ofZone("MeshTimeout", `a.${each}`, inNamespace(each))),
          ofZone("Dataplane", "web.shop", inNamespace("shop")),
        ],
      },
    },
    /has 2 policies in namespaces of applications: .* MeshTimeout default\/a\.shop in shop MeshTimeout default\/a\.bank in bank $/,
  ],
];
