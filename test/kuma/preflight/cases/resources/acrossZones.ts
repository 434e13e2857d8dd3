import { Case, DATAPLANE_KEY, content, stored } from "../../fixtures";

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
];
