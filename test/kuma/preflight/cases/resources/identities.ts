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
];
