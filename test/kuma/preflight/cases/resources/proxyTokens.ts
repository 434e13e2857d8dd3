import { Resource, meshForGlobal } from "../../../../../kuma";
import { UNIVERSAL_TYPES, typeNamed } from "../../../../support/resources/types";
import {
  Case,
  DATAPLANE_KEY,
  MESH,
  TIMEOUT,
  content,
  earlier,
  ofZone,
  stored,
  zoneNamed,
} from "../../fixtures";

const OTHER_KEY = { ...DATAPLANE_KEY, data: "b3RoZXI=" };
const REDIS = { type: "Dataplane", mesh: "default", name: "redis" };

const keyOf = (mesh: string, data = "Y2FuYXJ5"): Resource => ({
  ...{ type: "Secret", mesh, data },
  name: `dataplane-token-signing-key-${mesh}-1`,
});
const ZONE_KEY: Resource = { type: "GlobalSecret", name: "zone-token-signing-key-1", data: "Y2FuYXJ5" };
const TYPES = [
  ...UNIVERSAL_TYPES,
  ...["ZoneIngress", "ZoneEgress"].map((name) => ({
    ...typeNamed("Zone"),
    ...{ name, path: `${name.toLowerCase()}es`, includeInFederation: true },
  })),
];

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
  [
    "keys give way on both sides",
    "proxy-tokens",
    "warning",
    {
      global: stored(
        ...[zoneNamed("zone-2"), OTHER_KEY, keyOf("second", "b3RoZXI="), { type: "Mesh", name: "second" }],
        ofZone("Dataplane", "web-5xv2dzb7w9c4f6x8", {
          ...{ mesh: "second" },
          labels: { "kuma.io/zone": "zone-2", "kuma.io/display-name": "web" },
        }),
        { type: "Dataplane", mesh: "second", name: "nobodys" },
        ofZone("Dataplane", "own", { mesh: "second" }),
      ),
      zone: stored(
        ...[...content, DATAPLANE_KEY, keyOf("second"), { type: "Mesh", name: "second" }],
        ...[REDIS, { ...REDIS, name: "db" }],
      ),
      federation: {
        onConflict: [
          { resources: "Mesh default", choice: "keepGlobal" },
          { resources: "Mesh second", choice: "overwrite" },
        ],
      },
    },
    /The tokens of 4 proxies end.*Dataplane default\/redis: .*Dataplane second\/web of zone zone-2: .*Dataplane second\/nobodys of zone unknown: /,
  ],
  [
    "the zone's key ends that of other zones' ingresses and egresses",
    "proxy-tokens",
    "warning",
    {
      global: {
        types: TYPES,
        resources: [
          ...[zoneNamed("zone-2"), { ...ZONE_KEY, data: "b3RoZXI=" }],
          ...["ZoneIngress", "ZoneEgress"].map((type) => ofZone(type, "door", { mesh: undefined }, "zone-2")),
          ofZone("Dataplane", "web", {}, "zone-2"),
        ],
      },
      zone: { types: TYPES, resources: [...content, ZONE_KEY] },
      federation: { onConflict: "overwrite" },
    },
    /The tokens of 2 proxies end.*ZoneIngress door of zone zone-2: kumactl generate zone-token --zone zone-2 --scope ingress.*ZoneEgress door of zone zone-2: .*--scope egress/,
  ],
  [
    "the zone's key ends that of proxies of a zone that joins before",
    "proxy-tokens",
    "warning",
    {
      zone: stored(...content, DATAPLANE_KEY),
      federation: {
        global: undefined,
        earlier: [earlier("zone-0", [meshForGlobal(MESH), OTHER_KEY], [REDIS])],
        onConflict: [{ resources: "Mesh default", choice: "overwrite" }],
      },
    },
    /The tokens of 1 proxy end.*Dataplane default\/redis of zone zone-0: /,
  ],
  [
    "what is overwritten is no key",
    "proxy-tokens",
    "ok",
    {
      global: stored(DATAPLANE_KEY, { ...TIMEOUT, conf: { a: 2 } }, ofZone("Dataplane", "web", {}, "zone-2")),
      zone: stored(...content, DATAPLANE_KEY, REDIS),
      federation: { onConflict: "overwrite" },
    },
    /No token of a data plane proxy ends/,
  ],
  [
    "the key of the global stays, and the zone is on a host",
    "proxy-tokens",
    "warning",
    {
      global: stored(OTHER_KEY),
      zone: stored(...content, DATAPLANE_KEY, REDIS),
      federation: { onConflict: [{ resources: "Mesh default", choice: "keepGlobal" }] },
      host: {},
    },
    /Those on host root@zone-1, and on hosts of the setting proxyHosts, that are units get new tokens.* For the others: Have the tokens issued/,
  ],
];
