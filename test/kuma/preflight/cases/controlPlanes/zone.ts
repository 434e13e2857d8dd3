import { Case, zoneConfig, ADMIN, ofZone, content, stored, nextDatabase, onPostgres } from "../../fixtures";

export const zone: Case[] = [
  [
    "the zone is another global's",
    "zone-alone",
    "blocker",
    {
      zone: {
        config: zoneConfig({
          multizone: { zone: { name: "zone-1", globalAddress: "grpcs://other:5685" } },
        }),
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
];
