import { UNIVERSAL_TYPES } from "../../../../support/resources/types";
import { Case, zoneWithKds, hosted, limits } from "../../fixtures";

export const konnect: Case[] = [
  [
    "the zone trusts an authority of its own alone",
    "konnect-trust",
    "blocker",
    {
      zone: { config: zoneWithKds({ rootCaFile: "/tmp/ca.crt" }) },
      federation: hosted,
      prepare: limits({}),
    },
    /would not trust Konnect's public certificate/,
  ],
  [
    "the zone looks at no certificate",
    "konnect-trust",
    "blocker",
    { zone: { config: zoneWithKds({ tlsSkipVerify: true }) }, federation: hosted, prepare: limits({}) },
    /send its token to whoever answers/,
  ],
  [
    "Konnect serves a type to be read only",
    "konnect-types",
    "blocker",
    {
      global: {
        types: UNIVERSAL_TYPES.map((type) => ({
          ...type,
          readOnly: type.readOnly || type.name === "TrafficRoute",
        })),
      },
      federation: hosted,
      prepare: limits({}),
    },
    /Konnect does not take 1 resource\(s\) of zone zone-1/,
  ],
  [
    "Konnect does not know a type",
    "konnect-types",
    "blocker",
    {
      global: { types: UNIVERSAL_TYPES.filter(({ name }) => name !== "TrafficRoute") },
      federation: hosted,
      prepare: limits({}),
    },
    /Konnect does not take 1 resource\(s\) of zone zone-1/,
  ],
];
