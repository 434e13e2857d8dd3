import { Case, MESH, ADMIN, TIMEOUT, ofZone, content, stored, zoneConfig } from "../../fixtures";

const LONG = stored(...content, ofZone("MeshTimeout", "n".repeat(246)));
const GENERATED = { "kuma.io/managed-by": "meshservice-generator" };
const longMesh = { zone: stored(...content, { ...MESH, name: "m".repeat(64) }) };

export const names: Case[] = [
  [
    "a name is longer than a zone that has joined takes",
    "name-length",
    "blocker",
    {
      zone: stored(
        ...content,
        ofZone("MeshTimeout", "n".repeat(246)),
        ofZone("MeshTimeout", "o".repeat(245)),
      ),
    },
    /^1 resource\(s\) that zone zone-1 goes on owning .* at most 245 characters.*MeshTimeout default\/n+: 246 characters, at most 245.*under a shorter name/,
  ],
  [
    "what the global is to own is called as long as that",
    "name-length",
    "ok",
    { zone: stored(...content, { ...TIMEOUT, name: "n".repeat(253) }) },
    /Each name is short enough/,
  ],
  [
    "a mesh's name is longer than a global takes for a new one",
    "name-length",
    "blocker",
    { zone: stored(...content, { ...MESH, name: "m".repeat(64) }) },
    /takes no mesh with a name of more than 63 characters.*Mesh m+: 64 characters, at most 63/,
  ],
  [
    "a mesh with a long name is on the global already",
    "name-length",
    "ok",
    {
      zone: stored({ type: "Mesh", name: "m".repeat(64) }, ADMIN),
      global: stored({ type: "Mesh", name: "m".repeat(64), skipCreatingInitialPolicies: ["*"] }),
    },
    /Each name is short enough/,
  ],
  [
    "a mesh's name is as long as a global takes for a new one",
    "name-length",
    "ok",
    { zone: stored(...content, { ...MESH, name: "m".repeat(63) }) },
    /Each name is short enough/,
  ],
  [
    "a name is long in a zone in a cluster, where nothing is written through that API",
    "name-length",
    "ok",
    { zone: { ...LONG, config: zoneConfig({ environment: "kubernetes" }) } },
    /Each name is short enough/,
  ],
  [
    "a name is long in a zone that is too old to mind",
    "name-length",
    "ok",
    { zone: { ...LONG, version: "2.1.9" } },
    /Each name is short enough/,
  ],
  [
    "a name is long in the first zone that minds",
    "name-length",
    "blocker",
    { zone: { ...LONG, version: "2.2.0" } },
    /246 characters, at most 245/,
  ],
  [
    "a name is long in a zone of the next major",
    "name-length",
    "blocker",
    { zone: { ...LONG, version: "3.0.0" } },
    /246 characters, at most 245/,
  ],
  [
    "a name is long in a zone of which nobody knows how old it is",
    "name-length",
    "blocker",
    { zone: { ...LONG, version: "0.0.0-preview.vabc" } },
    /246 characters, at most 245/,
  ],
  [
    "a name is long of what the zone makes of its proxies again",
    "name-length",
    "ok",
    { zone: stored(...content, { ...ofZone("MeshService", "n".repeat(246)), labels: GENERATED }) },
    /Each name is short enough/,
  ],
  [
    "a mesh's name is long, and the global is too old to mind",
    "name-length",
    "ok",
    { ...longMesh, global: { version: "2.6.9" } },
    /Each name is short enough/,
  ],
  [
    "a mesh's name is long, and the global is the first one that minds",
    "name-length",
    "blocker",
    { ...longMesh, global: { version: "2.7.0" } },
    /64 characters, at most 63/,
  ],
];
