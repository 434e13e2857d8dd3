import { UNIVERSAL_TYPES } from "../../../../support/resources/types";
import { Case, ofZone, content, online, stored, limits } from "../../fixtures";

export const global: Case[] = [
  [
    "the name is online on the global",
    "zone-name-taken",
    "blocker",
    { prepare: (_, g) => g.overviews.set("zone-1", [online()]) },
    /Another control plane is connected to the global as zone zone-1/,
  ],
  [
    "the global has an offline zone of that name",
    "leftovers",
    "warning",
    { prepare: (_, g) => g.overviews.set("zone-1", [online("2026-01-02T00:00:00Z")]) },
    /the zone itself, offline, and 0 resource/,
  ],
  [
    "the global has copies with that zone's label",
    "leftovers",
    "warning",
    { global: stored(ofZone("MeshTimeout", "gone")) },
    /1 resource\(s\) with its label.*would be deleted on the global: MeshTimeout default\/gone/,
  ],
  [
    "the products differ, for the types",
    "global-types",
    "blocker",
    { global: { types: UNIVERSAL_TYPES.filter(({ name }) => name !== "TrafficRoute") } },
    /does not know the type of 1.*TrafficRoute default\/r/,
  ],
  [
    "a policy of the zone counts as the global's",
    "deleted-in-zone",
    "blocker",
    { zone: stored(...content, ofZone("MeshTimeout", "g", { labels: { "kuma.io/origin": "global" } })) },
    /would delete them.*MeshTimeout default\/g/,
  ],
  [
    "a legacy policy counts as the zone's",
    "deleted-in-zone",
    "blocker",
    { zone: stored(...content, ofZone("TrafficRoute", "z")) },
    /would delete them.*TrafficRoute default\/z/,
  ],
  [
    "there are too many zones",
    "global-limits",
    "blocker",
    { prepare: limits({ zones: 2, policies: 0 }) },
    /limit for zones would be exceeded.*zones: 2 there, at most 1 more, limit 2/,
  ],
  [
    "there are too many policies",
    "global-limits",
    "blocker",
    { prepare: limits({ policies: 6 }) },
    /limit for policies/,
  ],
];
