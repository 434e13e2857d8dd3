import type { InstallingPlatform } from "../platform";
import type { KubernetesGlobalArgs, KubernetesZoneArgs, NewKubernetesZoneArgs } from "./args";
import { existingZone } from "./existingZone";
import { global } from "./global";
import { join, newZone } from "./zone";

/** Control planes in clusters. */
export const platform: InstallingPlatform<KubernetesGlobalArgs, KubernetesZoneArgs, NewKubernetesZoneArgs> = {
  ...{ global, existingZone, join, newZone },
};
