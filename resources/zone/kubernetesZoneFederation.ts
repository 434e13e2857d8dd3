import type { Manifest, OnConflict } from "../../kuma";
import type { LedgerOutcome } from "../ledgers";
import type { Connections } from "../connections";
import { resource } from "../provider/resource";

export interface KubernetesZoneFederationArgs extends Connections {
  kdsAddress: string;
  resources: Manifest;
  /** Another value means that the zone's release was upgraded. */
  release: string;
  /** What the ledger needs, see kuma/ledger; left out for a zone that is new. `before` is a secret. */
  before?: string;
  onConflict?: OnConflict;
}

export interface KubernetesZoneFederationOutputs {
  /** True: the resource exists only once the zone stayed online; `npm run status` tells how it is. */
  online: boolean;
  version: string;
  /** What differed when the zone had joined, all of it explained; left out until that is so. */
  ledger?: LedgerOutcome;
}

/** A zone in a cluster that has joined its global. */
export class KubernetesZoneFederation extends resource<
  KubernetesZoneFederationArgs,
  KubernetesZoneFederationOutputs
>()("kubernetesZoneFederation", {
  online: "plain",
  version: "plain",
  ledger: "plain",
}) {}
