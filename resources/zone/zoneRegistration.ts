import type { GlobalConnection } from "../connections";
import { resource } from "../provider/resource";

export interface ZoneRegistrationArgs extends GlobalConnection {
  zoneName: string;
}

/** The name of a new zone on the global: free before, and free again when the zone is gone. */
export class ZoneRegistration extends resource<ZoneRegistrationArgs, object>()("zoneRegistration", {}) {}
