import type { Drift, Manifest, OnConflict, OnDrift } from "../../kuma";
import type { LedgerOutcome } from "../ledgers";
import type { Connections } from "../connections";
import { resource } from "../provider/resource";

export interface PolicyHandoverArgs extends Connections {
  /** From the way back, which keeps them for the case that this one is cut short. */
  policies: Manifest;
  /** Secret. */
  originals: string;
  onConflict: OnConflict;
  onDrift: OnDrift;
  /** Secret: everything that the zone's API showed before, see kuma/ledger. */
  before?: string;
}

export interface PolicyHandoverOutputs {
  /** As the global held them when they were handed over, by digest. */
  handed: Manifest;
  /** As it was when it was looked at last. */
  drift: Drift;
  /** What differed in the zone when they were handed over, all of it explained; left out until that is so. */
  ledger?: LedgerOutcome;
  /** Secret: the key of the digests. */
  digestKey?: string;
}

/** A zone's policies as the global's: there, in force in the zone, and retired as the zone's own. */
export class PolicyHandover extends resource<PolicyHandoverArgs, PolicyHandoverOutputs>()("policyHandover", {
  handed: "plain",
  drift: "plain",
  ledger: "plain",
  digestKey: "key",
}) {}
