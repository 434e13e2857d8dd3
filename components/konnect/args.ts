import type * as pulumi from "@pulumi/pulumi";
import type { KonnectRegion, ZoneProvisioning } from "../arguments/choices";

/** A control plane that Kong hosts. Its token is given as `apiToken`. */
export interface KonnectGlobalArgs {
  /** Of the control plane; each is in one only. */
  region: pulumi.Input<KonnectRegion>;
  /**
   * Name of the control plane. Either this or `controlPlaneId`.
   *
   * @default none
   */
  controlPlane?: pulumi.Input<string>;
  /**
   * Id of the control plane.
   *
   * @default that of the one with the name
   */
  controlPlaneId?: pulumi.Input<string>;
  /**
   * Makes it when there is none of this name. It is deleted with the component then.
   *
   * @default false
   */
  create?: pulumi.Input<boolean>;
  /** @default "systemAccount" */
  zoneProvisioning?: pulumi.Input<ZoneProvisioning>;
  /**
   * Days until a zone's token ends, 365 at the most. It is renewed before.
   *
   * @default 90
   */
  tokenDays?: pulumi.Input<number>;
  /** @default the region's API */
  apiUrl?: pulumi.Input<string>;
  /** @default the API of Konnect's organisations */
  identityUrl?: pulumi.Input<string>;
  /** @default the region's address for zones */
  kdsAddress?: pulumi.Input<string>;
  /**
   * File that stands in for the system's authorities in the process of a zone on this machine, where a network has a TLS
   * proxy. Konnect itself needs none.
   *
   * @default the system's own
   */
  systemCaFile?: pulumi.Input<string>;
}
