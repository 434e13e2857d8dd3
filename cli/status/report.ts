import type { ResourceCount, ZoneReport } from "../../kuma";
import type { LedgerReport } from "./ledgerStatus";
import type { LoneReport } from "./loneStatus";
import type { MarkerReport, ZoneStatus } from "./zoneStatus";

/** What `status --output json` prints. */
export interface StatusReport {
  /** No problem was found, and every check could run. */
  ok: boolean;
  /** Null where the stack has carried nothing to one yet. */
  global: { address: string; version: string | null; product: string | null } | null;
  /** Those that are federated, or were carried to the global. */
  zones: (ZoneReport & Pick<ZoneStatus, "proxies">)[];
  /** Those that run alone. */
  alone: LoneReport[];
  resources: ResourceCount[];
  /** Comparisons of zones with what they were before, see docs/ledger.md. */
  ledger: LedgerReport[];
  /** With `--marker`: whether a policy has crossed from each side to the other. */
  markers: MarkerReport[];
  /** One sentence each; what could not be checked is among them. */
  problems: string[];
  /** What is to be known and is no problem, one sentence each. */
  warnings: string[];
}
