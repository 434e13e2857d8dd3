import type { StackConfig } from "./config";
import type { Rollout } from "./schema/rollout";
import type { HostZoneConfig, ZoneConfig } from "./settings/controlPlanes";
import type { KubernetesZoneConfig } from "./settings/kubernetes";

/** Without a rollout each zone is a wave of its own. */
const ONE_BY_ONE: Pick<Rollout, "waves"> = { waves: [1] };

/** Zones by the waves in which they are switched, in the order in which they join. The last number holds for all that follow. */
export function wavesOf<Z>(zones: readonly Z[], { waves }: Pick<Rollout, "waves"> = ONE_BY_ONE): Z[][] {
  const found: Z[][] = [];
  for (let at = 0; at < zones.length; at += found[found.length - 1].length) {
    const size = waves[Math.min(found.length, waves.length - 1)];
    found.push(zones.slice(at, size === "all" ? undefined : at + size));
  }
  return found;
}

/** Names of the zones of a stack by their waves: those that bring something join before those that are installed. */
export function namesByWave({ zones, rollout }: Pick<StackConfig, "zones" | "rollout">): string[][] {
  const federated = zones.filter((zone) => zone.federated);
  const [existing, installed] = [
    federated.filter((zone) => !isInstalledByStack(zone)),
    federated.filter(isInstalledByStack),
  ];
  return wavesOf(
    [...existing, ...installed].map(({ name }) => name),
    rollout,
  );
}

/** Names of the zones that are to be members of the global, in the order of the stack's file. */
export function memberNames({ zones }: Pick<StackConfig, "zones">): string[] {
  return zones.filter(({ federated }) => federated).map(({ name }) => name);
}

/** Whether a zone is new, and a member from its beginning. */
export function isInstalledByStack(zone: ZoneConfig): zone is KubernetesZoneConfig | HostZoneConfig {
  return "install" in zone && zone.install !== undefined && zone.install !== "adopt";
}
