import type { GlobalConnection } from "../connections";
import { resource } from "../provider/resource";

export interface ZoneOnGlobalArgs extends GlobalConnection {
  zoneName: string;
  /** Whether other zones get what the zone has. */
  enabled: boolean;
}

/** The Zone that a global made when a zone joined: whether it is enabled. Deleted, it is as the global made it. */
export class ZoneOnGlobal extends resource<ZoneOnGlobalArgs, object>()("zoneOnGlobal", {}) {}
