import { Case } from "../../fixtures";

export const kds: Case[] = [
  [
    "nothing listens",
    "kds-reachable",
    "blocker",
    { federation: { kdsAddress: "grpcs://127.0.0.1:1" } },
    /from this machine: connection refused.*dialled from this machine/,
  ],
  [
    "nothing listens, and the zone runs elsewhere",
    "kds-reachable",
    "inconclusive",
    { federation: { kdsAddress: "grpcs://127.0.0.1:1", zoneRunsHere: false } },
    /The zone runs elsewhere/,
  ],
  [
    "the host is not known",
    "kds-reachable",
    "blocker",
    { federation: { kdsAddress: "grpcs://no-such-host.invalid:5685" } },
    /its host name is not known/,
  ],
  [
    "there is no connection",
    "kds-tls",
    "inconclusive",
    { federation: { kdsAddress: "grpcs://127.0.0.1:1" } },
    /no connection/,
  ],
  [
    "KDS is without TLS",
    "kds-tls",
    "warning",
    { federation: { kdsAddress: "grpc://127.0.0.1:1" } },
    /clear text/,
  ],
];
