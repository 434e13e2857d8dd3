import type { Resource } from "../../../../../kuma";
import { messageSizes } from "../../../../../kuma/resource/messageSize";
import type { FakeControlPlane } from "../../../../support/controlPlane/fakeControlPlane";
import { UNIVERSAL_TYPES, typeNamed } from "../../../../support/resources/types";
import {
  Case,
  KEY,
  earlier,
  hosted,
  limits,
  localLabels,
  own,
  zoneNamed,
  zoneWithKds,
  GLOBAL_CONFIG,
  TIMEOUT,
  ofZone,
  content,
  overview,
  stored,
  largeSecret,
} from "../../fixtures";

const LARGE = ofZone("MeshTimeout", "large", { spec: { text: "x".repeat(20_000) } });
const [LARGEST] = messageSizes([LARGE, ofZone("MeshTimeout", "own")]);
const WIDE: Resource = { ...TIMEOUT, conf: { text: "x".repeat(20_000) } };
const NOVELTY = { ...typeNamed("TrafficRoute"), name: "Novelty", path: "novelties" };
const limitOfGlobal = (maxMsgSize: number) => ({
  ...GLOBAL_CONFIG,
  multizone: { global: { kds: { maxMsgSize } } },
});
const withLimit = (limit: number) => ({
  zone: stored(...content, LARGE),
  global: { config: limitOfGlobal(limit) },
});
const takesOnly = (maxMsgSize: number) => (_: unknown, global: FakeControlPlane) =>
  global.documents.set(
    "/zones/zone-2/_overview",
    overview({ config: JSON.stringify(zoneWithKds({ maxMsgSize })) }),
  );

export const messages: Case[] = [
  [
    "all of a type is more than one message holds",
    "kds-message-size",
    "blocker",
    { zone: stored(...content, ...[0, 1, 2].map((index) => largeSecret(index, 4_000_000))) },
    /Secret would not fit.*Secret from the global to zone zone-1: 4 .*KUMA_MULTIZONE_GLOBAL_KDS_MAX_MSG_SIZE of the global.*KUMA_MULTIZONE_ZONE_KDS_MAX_MSG_SIZE of the zone.* 19000000 or more/,
  ],
  [
    "one side's limit is too low for what the zone sends up",
    "kds-message-size",
    "blocker",
    {
      zone: stored(...content, ofZone("MeshTimeout", "large", { spec: { text: "x".repeat(20_000) } })),
      global: { config: { ...GLOBAL_CONFIG, multizone: { global: { kds: { maxMsgSize: 15_000 } } } } },
    },
    /MeshTimeout from zone zone-1 to the global.*Set KUMA_MULTIZONE_GLOBAL_KDS_MAX_MSG_SIZE of the global control plane \(now 15000\) to 1000000/,
  ],
  [
    "the form in which an older type travels may be too large",
    "kds-message-size",
    "warning",
    {
      zone: stored(...content, { ...TIMEOUT, name: "wide", conf: { numbers: Array(9_000).fill(1) } }),
      global: { config: { ...GLOBAL_CONFIG, multizone: { global: { kds: { maxMsgSize: 15_000 } } } } },
    },
    /TrafficRoute might not fit/,
  ],
  [
    "another zone takes smaller messages than both sides",
    "kds-other-zones",
    "warning",
    {
      zone: stored(...content, { ...TIMEOUT, name: "large", conf: { text: "x".repeat(20_000) } }),
      global: stored({ type: "Zone", name: "zone-2" }, { type: "Zone", name: "zone-3" }),
      prepare: (_, global) => {
        const config = JSON.stringify(zoneWithKds({ maxMsgSize: 15_000 }));
        global.documents.set("/zones/zone-2/_overview", overview({ config }));
        global.documents.set("/zones/zone-3/_overview", overview({}));
      },
    },
    /may be more than other zones take: zone-2 \(15,000 bytes\)\..*TrafficRoute from the global to zone zone-2: 2 .*KUMA_MULTIZONE_ZONE_KDS_MAX_MSG_SIZE of these zones/,
  ],
  [
    "another zone is at its limit by what this one does not bring",
    "kds-other-zones",
    "ok",
    {
      global: stored(
        { type: "Zone", name: "zone-2" },
        { type: "TrafficPermission", mesh: "default", name: "large", conf: { text: "x".repeat(20_000) } },
      ),
      prepare: (_, global) => {
        const config = JSON.stringify(zoneWithKds({ maxMsgSize: 15_000 }));
        global.documents.set("/zones/zone-2/_overview", overview({ config }));
      },
    },
    /fits into the messages to the other zones/,
  ],
  [
    "a type is exactly as large as the limit",
    "kds-message-size",
    "ok",
    withLimit(LARGEST.atMost),
    /fit into a message of/,
  ],
  [
    "a type is exactly as large as the limit at least",
    "kds-message-size",
    "warning",
    withLimit(LARGEST.atLeast),
    /MeshTimeout might not fit/,
  ],
  [
    "the zone takes what the global does not",
    "kds-message-size",
    "blocker",
    {
      ...withLimit(15_000),
      zone: { ...withLimit(0).zone, config: zoneWithKds({ maxMsgSize: LARGEST.atMost }) },
    },
    /Set KUMA_MULTIZONE_GLOBAL_KDS_MAX_MSG_SIZE of the global control plane \(now 15000\) to 1000000/,
  ],
  [
    "several types are too large",
    "kds-message-size",
    "blocker",
    {
      ...withLimit(15_000),
      zone: stored(...content, LARGE, { ...TIMEOUT, name: "larger", conf: { text: "x".repeat(1_000_000) } }),
    },
    /TrafficRoute, MeshTimeout would not fit.* to 2000000 or more/,
  ],
  [
    "nothing fits, so that all is told that would be sent",
    "kds-message-size",
    "blocker",
    {
      zone: stored(
        ...content,
        { ...TIMEOUT, name: "local", labels: localLabels },
        ofZone("MeshTimeout", "local", { labels: { ...own, ...localLabels } }),
        ofZone("MeshService", "web"),
        ofZone("DataplaneInsight", "web"),
        ofZone("ZoneInsight", "zone-1", { mesh: undefined }),
      ),
      global: {
        config: limitOfGlobal(1),
        types: [...UNIVERSAL_TYPES, NOVELTY],
        resources: [
          ...[TIMEOUT, { ...TIMEOUT, name: "theirs" }, { ...TIMEOUT, name: "its-own", labels: localLabels }],
          ofZone("MeshTimeout", "theirs", {}, "zone-2"),
          ofZone("MeshService", "web.zone-2", {}, "zone-2"),
          ofZone("MeshService", "web.zone-1"),
          { type: "Dataplane", mesh: "default", name: "old" },
          { type: "Novelty", mesh: "default", name: "x" },
        ],
      },
    },
    /TrafficRoute from the global to zone zone-1: 2 .*MeshService from the global to zone zone-1: 1 .*MeshTimeout from zone zone-1 to the global: 1 /,
  ],
  [
    "Konnect hosts the global, which is not asked for its limit",
    "kds-message-size",
    "ok",
    { federation: hosted, global: { clusterId: "", config: limitOfGlobal(1) }, prepare: limits({}) },
    /10,485,760 bytes/,
  ],
  [
    "the global does not answer for its limit",
    "kds-message-size",
    "inconclusive",
    { prepare: (_, g) => g.fail("GET /config", { status: 500 }, 99) },
    /could not be checked/,
  ],
  [
    "another zone takes nothing, so that all is told that it would be sent",
    "kds-other-zones",
    "warning",
    {
      zone: stored(
        ...content,
        { ...TIMEOUT, name: "large", conf: { text: "x".repeat(1_000_000) } },
        { ...TIMEOUT, type: "TrafficPermission", name: "local", labels: localLabels },
        ofZone("MeshService", "web"),
        ofZone("MeshService", "local", { labels: { ...own, ...localLabels } }),
      ),
      global: stored(
        ...[zoneNamed("zone-2"), KEY, TIMEOUT, { ...TIMEOUT, name: "theirs" }],
        { ...TIMEOUT, name: "its-own", labels: localLabels },
        { ...TIMEOUT, type: "TrafficPermission", name: "theirs" },
        ofZone("MeshService", "web.zone-1"),
        ofZone("MeshService", "web.zone-2", {}, "zone-2"),
        ofZone("MeshService", "web.zone-3", {}, "zone-3"),
      ),
      prepare: takesOnly(1),
    },
    /TrafficRoute from the global to zone zone-2: 3 .*MeshService from the global to zone zone-2: 2 .* to 2000000 or more/,
  ],
  [
    "another zone takes exactly what it is sent",
    "kds-other-zones",
    "ok",
    {
      zone: stored(...content.filter((each) => each !== TIMEOUT), WIDE),
      global: stored(zoneNamed("zone-2")),
      prepare: takesOnly(messageSizes([WIDE])[0].atMost),
    },
    /fits into the messages to the other zones/,
  ],
  [
    "only the zone itself is known to the global",
    "kds-other-zones",
    "ok",
    { global: stored(zoneNamed("zone-1")) },
    /There is no other zone on the global/,
  ],
  [
    "zones join before, and there is no global yet",
    "kds-other-zones",
    "pending",
    { federation: { global: undefined, earlier: [earlier("zone-0", [])] } },
    /still to make the global/,
  ],
  [
    "zones join before, and there is a global",
    "kds-other-zones",
    "ok",
    { federation: { earlier: [earlier("zone-0", [])] } },
    /There is no other zone on the global/,
  ],
];
