import type { ControlPlane } from "../api/client";
import type { OnConflict } from "./conflicts";
import type { Database } from "../zone/database";
import type { EarlierZone } from "./earlier";
import type { VersionedPolicies } from "../policies/policyFiles";

/**
 * A zone and its global. Both are of one type, and whatever deletes in the wrong one loses it: so they go by name, never by
 * position.
 */
export interface Sides {
  zoneName: string;
  zone: ControlPlane;
  global: ControlPlane;
}

/** A zone that is to be federated with a global. */
export interface Federation {
  zoneName: string;
  zone: ControlPlane;
  /** Undefined as long as there is no global, as in the first preview: everything counts as missing there. */
  global: ControlPlane | undefined;
  /** What the zone dials, or is to dial; undefined when that is not known yet. */
  kdsAddress: string | undefined;
  /** What the zone dialled until now, where the stack moves its global. */
  formerKdsAddress?: string;
  /** PEM of the authority that the zone is to trust, "" for the system's; undefined when that is not known yet. */
  kdsCa?: string;
  /** Who asks has no copy of what was carried from the zone, so that one that has joined already was federated by others. */
  isUnrecorded?: boolean;
  /** The zone dials from this machine, so what it would reach can be tried from here. */
  zoneRunsHere?: boolean;
  /**
   * Where this program moves a zone on Postgres to when it federates it. On the database on which it ran alone it would
   * reconnect for ever.
   */
  nextDatabase?: Database;
  onConflict: OnConflict;
  /** What the stack itself writes to the global, once the zone has joined. */
  policies?: VersionedPolicies;
  /** The global is one in Konnect; told where there is none yet to tell by itself. */
  hosted?: boolean;
  /** The global is a process of this machine that has ended: there is one, and it cannot be looked at. */
  globalIsStopped?: boolean;
  /** Zones of the stack that join before this one and have not joined yet: what they bring counts as being there. */
  earlier?: readonly EarlierZone[];
}
