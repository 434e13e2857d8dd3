import {
  Case,
  zoneWithKds,
  GLOBAL_CONFIG,
  TIMEOUT,
  ofZone,
  content,
  overview,
  stored,
  largeSecret,
} from "../../fixtures";

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
        { type: "CircuitBreaker", mesh: "default", name: "large", conf: { text: "x".repeat(20_000) } },
      ),
      prepare: (_, global) => {
        const config = JSON.stringify(zoneWithKds({ maxMsgSize: 15_000 }));
        global.documents.set("/zones/zone-2/_overview", overview({ config }));
      },
    },
    /fits into the messages to the other zones/,
  ],
];
