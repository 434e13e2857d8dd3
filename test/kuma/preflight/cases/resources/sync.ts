import { meshForGlobal } from "../../../../../kuma";
import { Case, KEY, MESH, TIMEOUT, ofZone, content, stored, localLabels, own } from "../../fixtures";

const asCopyOf = (name: string) => ({ "kuma.io/display-name": name });

export const sync: Case[] = [
  [
    "the zone holds what the global would keep to itself",
    "kds-sync",
    "blocker",
    { zone: stored(...content, { ...TIMEOUT, name: "local", labels: localLabels }) },
    /1 resource\(s\) would be the global's and would not come back.*TrafficRoute default\/local.*Remove that label/,
  ],
  [
    "the global would keep a mesh to itself that is left as it is there",
    "kds-sync",
    "blocker",
    {
      global: stored({ ...meshForGlobal(MESH), labels: localLabels }),
      federation: { onConflict: "keepGlobal" },
    },
    /and a mesh with all that is in it.*Mesh default/,
  ],
  [
    "what the zone owns stays in it alone",
    "kds-sync",
    "ok",
    { zone: stored(...content, ofZone("MeshTimeout", "local", { labels: { ...own, ...localLabels } })) },
    /1 resource\(s\) of the zone stay in it alone.*MeshTimeout default\/local/,
  ],
  [
    "two resources would have one name when they are copied",
    "copy-names",
    "blocker",
    {
      zone: stored(
        ...content,
        ofZone("MeshTimeout", "b", { labels: { ...own, "kuma.io/display-name": "own" } }),
      ),
    },
    /only one of them would be copied.*MeshTimeout default\/own and MeshTimeout default\/b/,
  ],
  [
    "a global has left a copy of what the zone has itself",
    "copy-names",
    "blocker",
    {
      zone: stored(...content, {
        ...{ type: "MeshTimeout", mesh: "default", name: "own-zzfd69x27d4f6cb7" },
        labels: { "kuma.io/origin": "global", "kuma.io/display-name": "own" },
      }),
    },
    /Delete in the zone what a global .* has left there: MeshTimeout default\/own-zzfd69x27d4f6cb7\./,
  ],
  [
    "a global has left a copy of what the zone has itself and the global is to have",
    "copy-names",
    "blocker",
    {
      zone: stored(...content, {
        ...{ ...TIMEOUT, name: `${TIMEOUT.name}-zzfd69x27d4f6cb7` },
        labels: { "kuma.io/origin": "global", "kuma.io/display-name": TIMEOUT.name },
      }),
    },
    /only one .* and (\w+ default\/[\w-]+-zzfd69x27d4f6cb7).* has left there: \1\./,
  ],
  [
    "a global has left a copy that the zone does not have itself",
    "copy-names",
    "ok",
    {
      zone: stored(...content, {
        ...{ ...TIMEOUT, name: "left-zzfd69x27d4f6cb7" },
        labels: { "kuma.io/origin": "global", "kuma.io/display-name": "left" },
      }),
    },
    /has a name of its own/,
  ],
  [
    "the zone holds several such, a mesh among them",
    "kds-sync",
    "blocker",
    {
      zone: stored(...[...content, { ...TIMEOUT, name: "local", labels: localLabels }], {
        ...MESH,
        name: "second",
        labels: localLabels,
      }),
    },
    /2 resource\(s\) would be the global's .*and a mesh with all that is in it/,
  ],
  [
    "what has one name in its label is copied under its own name, or not at all",
    "copy-names",
    "ok",
    {
      zone: stored(
        ...[...content, { ...KEY, name: "b", labels: asCopyOf(KEY.name) }],
        ofZone("MeshTimeout", "b", { labels: { ...own, ...localLabels, ...asCopyOf("own") } }),
      ),
    },
    /has a name of its own/,
  ],
];
