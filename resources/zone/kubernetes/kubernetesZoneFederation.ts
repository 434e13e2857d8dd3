import type { Manifest, OnConflict } from "../../../kuma";
import type { LedgerOutcome } from "../../ledgers";
import type { OnFailedSwitch } from "../../../platforms/failedSwitch";
import type { PackedZone } from "../../../platforms/kubernetes/ownedResources";
import type { Connections } from "../../connections";
import type { AdoptedRelease } from "./kubernetesSwitch";
import { resource } from "../../provider/resource";

export interface KubernetesZoneFederationArgs extends Connections {
  kdsAddress: string;
  resources: Manifest;
  /** Another value means that the zone's release was upgraded: its revision. */
  release: string;
  /** Where the zone shows a token that the release's values do not tell of, see `startWithToken`. */
  tokenDigest?: string;
  /** Of a zone that ran alone before; left out for one that is new. */
  adopted?: AdoptedRelease;
  onFailedSwitch?: OnFailedSwitch;
  /** Secret: what the zone held before, for the way back; left out for a zone that is new. */
  snapshot?: string;
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
  /** Secret: what the zone was when it was looked at last, for what it owns in a mesh that its global loses. */
  known?: PackedZone;
}

/** A zone in a cluster that has joined its global. */
export class KubernetesZoneFederation extends resource<
  KubernetesZoneFederationArgs,
  KubernetesZoneFederationOutputs
>()("kubernetesZoneFederation", {
  online: "plain",
  version: "plain",
  ledger: "plain",
  known: "secret",
}) {}
