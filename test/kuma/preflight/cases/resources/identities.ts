import { Case, ofZone, content, stored, identity, identityKey, trust, withTrust } from "../../fixtures";

export const identities: Case[] = [
  [
    "the authority of a MeshIdentity differs, whatever a wildcard says",
    "identity-secrets",
    "blocker",
    {
      zone: stored(...content, identity, identityKey),
      global: stored({ ...identityKey, data: "b3RoZXI=" }),
      federation: { onConflict: [{ resources: "*", choice: "keepGlobal" }] },
    },
    /MeshIdentity default\/id .*\{resources: "MeshIdentity default\/id", choice: keepGlobal\}/,
  ],
  [
    "the authority of a MeshIdentity gives way by a rule that names it",
    "identity-secrets",
    "warning",
    {
      zone: stored(...content, identity, identityKey),
      global: stored({ ...identityKey, data: "b3RoZXI=" }),
      federation: { onConflict: [{ resources: "MeshIdentity default/id", choice: "keepGlobal" }] },
    },
    /keepGlobal: Secret default\/id-private-key/,
  ],
  [
    "identities would change",
    "mesh-identity",
    "blocker",
    { zone: stored(...content, identity), federation: { zoneName: "zone-2" } },
    /issue every identity again.*MeshIdentity default\/id/,
  ],
  [
    "another zone has a MeshTrust",
    "mesh-trust",
    "warning",
    {
      zone: { ...stored(...content, trust), types: withTrust },
      global: { ...stored(ofZone("MeshTrust", "theirs", {}, "zone-2")), types: withTrust },
    },
    /do not trust each other yet/,
  ],
  [
    "the zone keeps its name, and its identities with it",
    "mesh-identity",
    "ok",
    {
      zone: stored(
        ...[...content, identity],
        ofZone("MeshIdentity", "given", { spec: { spiffeID: { trustDomain: "example.com" } } }),
      ),
    },
    /2 MeshIdentity resource.*\(trust domain example\.com\)/,
  ],
  [
    "the zone is called otherwise, and issues none",
    "mesh-identity",
    "ok",
    { federation: { zoneName: "zone-2" } },
    /has no MeshIdentity/,
  ],
  [
    "another zone has a MeshTrust in a mesh in which this one issues identities",
    "mesh-trust",
    "warning",
    {
      zone: { ...stored(...content, identity), types: withTrust },
      global: { ...stored(ofZone("MeshTrust", "theirs", {}, "zone-2")), types: withTrust },
    },
    /MeshIdentity default\/id MeshTrust default\/theirs/,
  ],
  [
    "no other zone has a MeshTrust in its meshes, and the global has its own",
    "mesh-trust",
    "ok",
    {
      zone: { ...stored(...content, trust), types: withTrust },
      global: {
        ...stored(
          ofZone("MeshTrust", "copy"),
          ofZone("MeshTrust", "theirs", { mesh: "second" }, "zone-2"),
          ofZone("MeshTimeout", "theirs", {}, "zone-2"),
          { type: "MeshTrust", mesh: "default", name: "globals", spec: {} },
        ),
        types: withTrust,
      },
    },
    /No other zone has a MeshTrust/,
  ],
];
