import { Case, MESH, ADMIN, TIMEOUT, ofZone, content, stored } from "../../fixtures";

export const names: Case[] = [
  [
    "a name is longer than a zone that has joined takes",
    "name-length",
    "blocker",
    {
      zone: stored(...content, ofZone("MeshTimeout", "n".repeat(246)), ofZone("MeshRetry", "n".repeat(245))),
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
];
