import { Case, OPEN, zoneConfig, kdsAuth, GLOBAL_CONFIG } from "../../fixtures";

export const exposure: Case[] = [
  [
    "the global admits every zone that reaches it, as Kuma 2 does",
    "kds-credential",
    "warning",
    { global: { config: { ...GLOBAL_CONFIG, multizone: undefined } } },
    /KDS port of the global \(grpcs:\/\/.*\) asks for no credential: whoever reaches it .* its certificate authorities and the keys that sign data plane tokens/,
  ],
  [
    "the global is told to ask zones for nothing",
    "kds-credential",
    "warning",
    { global: { config: { ...GLOBAL_CONFIG, multizone: kdsAuth("none") } } },
    /asks for no credential/,
  ],
  [
    "the global of Kong Mesh asks for a token",
    "kds-credential",
    "ok",
    {
      global: {
        config: { ...GLOBAL_CONFIG, multizone: undefined, kmesh: { multizone: kdsAuth("cpToken") } },
      },
    },
    /asks each zone for its token \(cpToken\)/,
  ],
  [
    "the zone takes its machine for its admin",
    "localhost-admin",
    "warning",
    { zone: { config: zoneConfig({ apiServer: OPEN }) } },
    /same machine as the control plane of the zone is its admin/,
  ],
  [
    "both do",
    "localhost-admin",
    "warning",
    {
      zone: { config: zoneConfig({ apiServer: OPEN }) },
      global: { config: { ...GLOBAL_CONFIG, apiServer: OPEN } },
    },
    /the control plane of the zone and the control plane of the global/,
  ],
  [
    "the global does not tell",
    "localhost-admin",
    "inconclusive",
    { global: { config: { ...GLOBAL_CONFIG, apiServer: {} } } },
    /does not tell.*global: no apiServer/,
  ],
];
