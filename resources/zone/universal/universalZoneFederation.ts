import type { Drift, Manifest, OnConflict } from "../../../kuma";
import type { LedgerOutcome } from "../../ledgers";
import type { KonnectMembership } from "../../../platforms/universal/environment";
import type { OnFailedSwitch } from "../../../platforms/failedSwitch";
import type { Connections } from "../../connections";
import { resource } from "../../provider/resource";
import type { ZonePlace } from "./zoneRuntime";

export interface UniversalZoneFederationArgs extends Connections, ZonePlace {
  /** From the bridge: it gives them only once the global holds everything. */
  kdsAddress: string;
  kdsCa: string;
  /** Where the global is one in Konnect; the token in it is a secret. */
  konnect?: KonnectMembership;
  /** Secret: what the zone shows a global of Kong Mesh that asks for it. */
  cpToken?: string;
  onConflict: OnConflict;
  onFailedSwitch: OnFailedSwitch;
  resources: Manifest;
  /** Counts how often the global had to be filled again. */
  generation: number;
  /** The meshes that it had lost, each with that count when it got it again for the last time. */
  refilled?: Record<string, number>;
  /** Secret: what the zone held before, for the way back. */
  snapshot: string;
  /** Secret: everything that the zone's API showed before, see kuma/ledger. */
  before?: string;
}

export interface UniversalZoneFederationOutputs {
  /** True: the resource exists only once the zone stayed online; `npm run status` tells how it is. */
  online: boolean;
  version: string;
  /** What differed when the zone had joined, all of it explained; left out until that is so. */
  ledger?: LedgerOutcome;
  /** What was in the zone alone, and is lost with its store, when it was looked at last. */
  drift?: Drift;
}

/** A zone on this machine, or on a host, that is switched to its global. */
export class UniversalZoneFederation extends resource<
  UniversalZoneFederationArgs,
  UniversalZoneFederationOutputs
>()("universalZoneFederation", {
  online: "plain",
  version: "plain",
  ledger: "plain",
  drift: "plain",
  proxyHosts: "secret",
}) {}
