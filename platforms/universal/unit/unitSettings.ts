import type { RunSettings } from "../zone/zoneRuntime";

/** A zone's control plane on a host. Its `environment` is what the drop-in adds: nothing where there is none. */
export interface UnitSettings extends RunSettings {
  storeType: string;
}
