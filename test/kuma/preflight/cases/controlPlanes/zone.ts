import {
  Case,
  zoneConfig,
  ADMIN,
  MESH,
  ofZone,
  content,
  identity,
  stored,
  nextDatabase,
  onPostgres,
} from "../../fixtures";

const dialling = (globalAddress: string) =>
  zoneConfig({ multizone: { zone: { name: "zone-1", globalAddress } } });

export const zone: Case[] = [
  [
    "the zone is another global's",
    "zone-alone",
    "blocker",
    {
      zone: {
        config: dialling("grpcs://other:5685"),
      },
    },
    /federated already, with grpcs:\/\/other:5685/,
  ],
  [
    "the zone is called otherwise",
    "zone-name",
    "blocker",
    { federation: { zoneName: "zone-2" } },
    /is called "zone-1", not "zone-2".*carries another name: MeshTimeout default\/own/,
  ],
  [
    "the zone has a name that no stack can give it, as with capitals (kumahq/kuma 12988)",
    "zone-name",
    "blocker",
    { zone: { config: zoneConfig({ multizone: { zone: { name: "Zone-A" } } }) } },
    /is called "Zone-A", not "zone-1".* Give its control plane a name of 1 to 63 lower-case letters, digits and dashes .* and name it so in the stack\./,
  ],
  [
    "the zone has joined, and others have federated it",
    "zone-alone",
    "blocker",
    {
      zone: { config: dialling("grpcs://here:5685") },
      federation: { kdsAddress: "grpcs://here:5685", isUnrecorded: true },
    },
    /this stack did not do it.* grpcs:\/\/here:5685 Take the zone off the global first/,
  ],
  [
    "the zone has joined, and is called otherwise in the file",
    "zone-name",
    "blocker",
    {
      zone: { config: dialling("grpcs://here:5685") },
      federation: { zoneName: "zone-2", kdsAddress: "grpcs://here:5685" },
    },
    /is called "zone-1", not "zone-2"/,
  ],
  [
    "the zone was never given a name",
    "zone-name",
    "blocker",
    { zone: { config: zoneConfig({ multizone: { zone: { name: "default" } } }) } },
    /Set the zone's name to "default".*was never given a name/,
  ],
  [
    "resources carry an old name",
    "zone-name",
    "blocker",
    { zone: stored(...content, ofZone("MeshTimeout", "old", {}, "old-name")) },
    /carry the name of another zone.*carries another name: MeshTimeout default\/old Write/,
  ],
  ["the zone has no mesh", "zone-meshes", "blocker", { zone: stored(ADMIN) }, /has no mesh/],
  [
    "the zone keeps everything in memory",
    "zone-store",
    "warning",
    { zone: { config: zoneConfig({ store: { type: "memory" } }) } },
    /in memory/,
  ],
  [
    "the zone is on Postgres",
    "zone-store",
    "warning",
    { zone: { config: zoneConfig({ store: { type: "postgres" } }) } },
    /Postgres.*new, empty database/,
  ],
  [
    "the zone on Postgres runs alone where it is to be federated",
    "zone-store",
    "blocker",
    { zone: { config: onPostgres("next") }, federation: { nextDatabase } },
    /runs alone on the database that it is to have once it is federated.*database next at db:5432/,
  ],
  [
    "the zone does not tell its store",
    "zone-store",
    "inconclusive",
    { zone: { config: zoneConfig({ store: undefined }) } },
    /does not tell/,
  ],
  [
    "the zone is this global's",
    "zone-alone",
    "ok",
    {
      zone: { config: dialling("grpcs://here:5685") },
      federation: { kdsAddress: "grpcs://here:5685" },
    },
    /federated with this global already.* grpcs:\/\/here:5685/,
  ],
  [
    "the zone is another control plane's in Konnect",
    "zone-alone",
    "blocker",
    {
      zone: {
        config: {
          ...dialling("grpcs://eu.mesh.sync.konghq.com:443"),
          kmesh: { multizone: { zone: { konnect: { cpId: "cp-1" } } } },
        },
      },
    },
    /federated already, with the control plane cp-1 in Konnect/,
  ],
  [
    "the zone does not tell its name, and what it owns does",
    "zone-name",
    "blocker",
    {
      zone: {
        config: zoneConfig({ multizone: undefined }),
        resources: [...content, ofZone("MeshTimeout", "old", {}, "old-name")].reverse(),
      },
    },
    /is called "old-name", not "zone-1"/,
  ],
  [
    "the zone does not tell its name, and owns nothing with a label",
    "zone-name",
    "ok",
    {
      zone: {
        config: zoneConfig({ multizone: undefined }),
        resources: [MESH, { type: "Dataplane", mesh: "default", name: "web" }],
      },
    },
    /keeps its name/,
  ],
  [
    "the zone is called otherwise, and issues identities",
    "zone-name",
    "blocker",
    { zone: stored(...content, identity), federation: { zoneName: "zone-2" } },
    /would issue other identities: MeshIdentity default\/id /,
  ],
  [
    "the zone on Postgres is given a new database, and does not tell which one it has",
    "zone-store",
    "ok",
    { zone: { config: zoneConfig({ store: { type: "postgres" } }) }, federation: { nextDatabase } },
    /begins its federated life.*will be federated on database next/,
  ],
];
