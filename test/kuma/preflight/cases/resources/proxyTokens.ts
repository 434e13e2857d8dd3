import { Case, DATAPLANE_KEY, content, ofZone, stored } from "../../fixtures";

const OTHER_KEY = { ...DATAPLANE_KEY, data: "b3RoZXI=" };
const REDIS = { type: "Dataplane", mesh: "default", name: "redis" };

export const proxyTokens: Case[] = [
  [
    "the key of the global stays",
    "proxy-tokens",
    "warning",
    {
      global: stored({ type: "Zone", name: "zone-2" }, OTHER_KEY),
      zone: stored(...content, DATAPLANE_KEY, REDIS),
      federation: { onConflict: [{ resources: "Mesh default", choice: "keepGlobal" }] },
    },
    /The tokens of 1 proxy end.*Dataplane default\/redis: kumactl generate dataplane-token --mesh default --name redis --valid-for 8760h/,
  ],
  [
    "the zone's key ends that of other zones' proxies",
    "proxy-tokens",
    "warning",
    {
      global: stored({ type: "Zone", name: "zone-2" }, OTHER_KEY, ofZone("Dataplane", "web", {}, "zone-2")),
      zone: stored(...content, DATAPLANE_KEY, REDIS),
      federation: { onConflict: [{ resources: "Mesh default", choice: "overwrite" }] },
    },
    /The tokens of 1 proxy end.*of zone zone-2: kumactl generate dataplane-token/,
  ],
  [
    "the keys are the same",
    "proxy-tokens",
    "ok",
    { global: stored(DATAPLANE_KEY), zone: stored(...content, DATAPLANE_KEY, REDIS) },
    /No token of a data plane proxy ends/,
  ],
];
