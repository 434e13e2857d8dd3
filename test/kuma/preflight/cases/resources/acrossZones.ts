import { Case, DATAPLANE_KEY, TIMEOUT, content, stored, zoneNamed } from "../../fixtures";

export const acrossZones: Case[] = [
  [
    "another zone is on the global",
    "across-zones",
    "warning",
    {
      global: stored({ type: "Zone", name: "zone-2" }, { ...DATAPLANE_KEY, data: "b3RoZXI=" }),
      zone: stored(...content, DATAPLANE_KEY),
      federation: { onConflict: [{ resources: "Mesh default", choice: "keepGlobal" }] },
    },
    /Zone zone-1 joins zone-2, .*new dataplane tokens in mesh default/,
  ],
  [
    "several zones are on the global, and what stays the global's is no key",
    "across-zones",
    "ok",
    {
      global: stored(zoneNamed("zone-1"), zoneNamed("zone-2"), zoneNamed("zone-3"), DATAPLANE_KEY, {
        ...TIMEOUT,
        conf: { a: 2 },
      }),
      zone: stored(...content, DATAPLANE_KEY),
      federation: { onConflict: "keepGlobal" },
    },
    /Zone zone-1 joins zone-2, zone-3, and the tokens/,
  ],
  [
    "several zones are on the global, and a key gives way",
    "across-zones",
    "warning",
    {
      global: stored(zoneNamed("zone-2"), zoneNamed("zone-3"), { ...DATAPLANE_KEY, data: "b3RoZXI=" }),
      zone: stored(...content, DATAPLANE_KEY),
      federation: { onConflict: [{ resources: "Mesh default", choice: "keepGlobal" }] },
    },
    /Zone zone-1 joins zone-2, zone-3, and tokens/,
  ],
  [
    "only the zone itself is known to the global",
    "across-zones",
    "ok",
    { global: stored(zoneNamed("zone-1")) },
    /There is no other zone on the global/,
  ],
];
