import type { KonnectAddresses } from "../../kuma";
import type { ControlPlaneChoice, HostedInfo } from "../../platforms/konnect/controlPlane";
import type { ZoneProvisioning } from "../../platforms/konnect/zoneAccess";
import { resource } from "../provider/resource";

export interface KonnectControlPlaneArgs extends KonnectAddresses, ControlPlaneChoice {
  /** Secret. */
  token: string;
  /** How zones get their tokens: decides which roles the token needs. */
  provisioning: ZoneProvisioning;
}

export interface KonnectControlPlaneOutputs extends HostedInfo {
  /** Filled in by `check` where the control plane is there, so that previews know it, as all that follow. */
  controlPlaneId: string;
  /** Base of the control plane's REST API. */
  hostedUrl: string;
  /** This stack made it, and takes it down. */
  created: boolean;
}

/** A control plane in Konnect: looked up, or made, and then taken down with the stack. */
export class KonnectControlPlane extends resource<KonnectControlPlaneArgs, KonnectControlPlaneOutputs>()(
  "konnectControlPlane",
  {
    controlPlaneId: "plain",
    hostedUrl: "plain",
    product: "plain",
    version: "plain",
    limits: "plain",
    created: "plain",
  },
) {}
