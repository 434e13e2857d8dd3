import type { Resource } from "../../../../../kuma";
import { UNIVERSAL_TYPES } from "../../../../support/resources/types";
import { Case, MESH, TIMEOUT, ofZone, content, online, own, stored, limits } from "../../fixtures";

const generator = (name: string): Resource => ({
  ...{ type: "HostnameGenerator", name: `${name}-zzfd69x27d4f6cb7`, spec: {} },
  labels: { "kuma.io/origin": "global", "kuma.io/display-name": name },
});

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
    "a former global has left generators of its own, and the global is still to be made",
    "deleted-in-zone",
    "ok",
    { zone: stored(...content, generator("synced-kube-mesh-service")), federation: { global: undefined } },
    /has nothing that its first connection would delete/,
  ],
  [
    "a former global has left a generator that nobody else makes, and the global is still to be made",
    "deleted-in-zone",
    "blocker",
    { zone: stored(...content, generator("ours")), federation: { global: undefined } },
    /would delete them.*HostnameGenerator ours-zzfd69x27d4f6cb7/,
  ],
  [
    "a former global has left a generator that the global does not make",
    "deleted-in-zone",
    "blocker",
    { zone: stored(...content, generator("synced-kube-mesh-service")) },
    /would delete them.*HostnameGenerator synced-kube-mesh-service-zzfd69x27d4f6cb7/,
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
  [
    "the name is known to the global, and offline",
    "zone-name-taken",
    "ok",
    { prepare: (_, g) => g.overviews.set("zone-1", [online("2026-01-02T00:00:00Z")]) },
    /which is offline: see leftovers/,
  ],
  [
    "the zone is online on the global, and of what carries its label it has a part",
    "leftovers",
    "warning",
    {
      zone: stored(
        ...content,
        ofZone("MeshTimeout", "b", { labels: { ...own, "kuma.io/display-name": "a" } }),
      ),
      global: stored(
        ...[MESH, { ...TIMEOUT, labels: own }, ofZone("MeshTimeout", "theirs", {}, "zone-2")],
        ofZone("MeshTimeout", "gone"),
        ofZone("MeshTimeout", "own-5xv2dzb7w9c4f6x8", { labels: { ...own, "kuma.io/display-name": "own" } }),
        ofZone("MeshTimeout", "a-5xv2dzb7w9c4f6x8", { labels: { ...own, "kuma.io/display-name": "a" } }),
      ),
      prepare: (_, g) => g.overviews.set("zone-1", [online()]),
    },
    /the zone itself, online, and 4 resource.*would be deleted on the global: MeshTimeout default\/gone If/,
  ],
  [
    "nothing that the zone holds is deleted, whatever the global says",
    "deleted-in-zone",
    "ok",
    {
      zone: stored(...content, { type: "MeshIdentity", mesh: "default", name: "old", spec: {} }),
      prepare: (_, g) => g.fail("GET /meshes", { status: 403 }, 99),
    },
    /has nothing that its first connection would delete/,
  ],
  [
    "what comes fills the limits",
    "global-limits",
    "ok",
    { prepare: limits({ zones: 3, policies: 7, dataplanes: 1 }) },
    /fits into the limits.*zones: 2 there, at most 1 more, limit 3/,
  ],
  [
    "there are too many policies and proxies",
    "global-limits",
    "blocker",
    {
      zone: stored(...content, { type: "Dataplane", mesh: "default", name: "web" }),
      prepare: limits({ zones: 9, policies: 6, dataplanes: 1 }),
    },
    /limit for policies and dataplanes would be exceeded.*dataplanes: 1 there, at most 1 more, limit 1/,
  ],
];
