import type { GlobalConnection } from "../connections";
import { resource } from "../provider/resource";

export interface SettledZonesArgs extends GlobalConnection {
  zoneNames: string[];
  /** Seconds for which they stay online. */
  settle: number;
  /** Names of those that come after them. */
  laterZones: string[];
  /** What they dial: with another one they were switched anew. */
  kdsAddress: string;
}

/** Zones that were switched side by side, and have stayed online since. Writes nothing to a control plane. */
export class SettledZones extends resource<SettledZonesArgs, object>()("settledZones", {}) {}
