import type { KonnectAddresses, KonnectRegion } from "../../kuma/konnect";
import type { ZoneProvisioning } from "../../platforms/konnect/zoneAccess";

/** A control plane that Kong hosts. */
export interface KonnectGlobalConfig {
  platform: "konnect";
  region: KonnectRegion;
  /** Either the name of a control plane, or an id. */
  controlPlane?: string;
  controlPlaneId?: string;
  /** Make it when the region has none of this name. */
  create: boolean;
  zoneProvisioning: ZoneProvisioning;
  /** Days until a zone's token ends; it is renewed before. */
  tokenDays: number;
  addresses: KonnectAddresses;
  /** See `KonnectMembership`; not needed for Konnect itself. */
  systemCaFile?: string;
  /** Where a stand-in for Konnect runs on this machine, in place of Kong's. */
  standIn?: { directory: string; portBase: number };
}
