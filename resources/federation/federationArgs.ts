import type { Database, OnConflict, VersionedPolicies } from "../../kuma";
import type { Connections } from "../connections";

/** What the resources that plan a federation are told of it. */
export interface FederationArgs extends Connections {
  /** Unknown as long as the zone is still to be started. */
  zoneStarted: string;
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
  /** The zone dials from this machine. */
  zoneRunsHere?: boolean;
  /** Where a zone on Postgres is moved to. */
  nextDatabase?: Database;
  /** What the stack itself writes to the global. */
  policies?: VersionedPolicies;
}
