import { KumaError } from "../../../../../kuma";
import type { Case } from "../../fixtures";

export const host: Case[] = [
  [
    "the zone's host is not fit",
    "zone-host",
    "blocker",
    { host: { look: new KumaError("invalid", "The disk of host root@zone-1 is full.") } },
    /The disk of host root@zone-1 is full/,
  ],
  [
    "another program lies on the zone's host than the one that runs",
    "zone-host",
    "warning",
    { host: { look: { versionOnDisk: "9.9.9" } } },
    /so an upgrade.*on disk 9\.9\.9/s,
  ],
  ["all is well on the zone's host", "zone-host", "ok", { host: {} }, /host root@zone-1 can start/],
  [
    "the zone's host does not reach the KDS address",
    "kds-reachable",
    "blocker",
    { federation: { zoneRunsHere: false }, host: { connects: false } },
    /cannot be reached from host root@zone-1: .*does not answer to host root@zone-1/,
  ],
  [
    "the certificate is looked at from the zone's host",
    "kds-tls",
    "ok",
    { federation: { zoneRunsHere: false }, host: {} },
    /dialled from host root@zone-1/,
  ],
  [
    "the program on the zone's host is the one that runs",
    "zone-host",
    "ok",
    { host: { look: { versionOnDisk: "2.14.3" } } },
    /can start.*on disk 2\.14\.3/,
  ],
  [
    "the zone's host cannot be looked at",
    "zone-host",
    "inconclusive",
    { host: { look: new KumaError("unreachable", "Host root@zone-1 does not answer.") } },
    /could not be checked\. Host root@zone-1 does not answer/,
  ],
];
