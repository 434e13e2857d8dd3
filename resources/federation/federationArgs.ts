import type { Database, OnConflict, VersionedPolicies } from "../../kuma";
import type { GlobalConnection, ZoneConnection } from "../connections";

/** How a zone that runs alone is reached. */
export interface FollowerArgs extends ZoneConnection {
  /** Unknown as long as the zone is still to be started. */
  zoneStarted: string;
  /** The zone dials from this machine. */
  zoneRunsHere?: boolean;
  /** Where a zone on Postgres is moved to. */
  nextDatabase?: Database;
  /** Its policies become the global's once it has joined. */
  handsOver?: boolean;
}

/** What the resources that plan a federation are told of it. */
export interface FederationArgs extends FollowerArgs, GlobalConnection {
  /** Unknown as long as there is no global. */
  globalVersion: string;
  onConflict: OnConflict;
  /** The global is one in Konnect. */
  hosted?: boolean;
  /** File with the authorities that the zone takes for its system's, where that is not this machine's. */
  kdsSystemCaFile?: string;
  /** What the zone is to dial, and the authority that it is to trust. */
  kdsAddress: string;
  kdsCa: string;
  /** What the stack itself writes to the global. */
  policies?: VersionedPolicies;
}
