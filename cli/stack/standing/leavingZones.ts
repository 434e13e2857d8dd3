import type { StackConfig } from "../../../stack/config";
import { LET_GO_MS } from "../../../resources/zone/hide";
import { letGo } from "../../../resources/zone/letGo";
import { pause } from "../../../kuma/until";
import { print } from "../../terminal/print";
import { type Standing, globalAccess } from "./standing";

type Zones = Pick<StackConfig, "zones">;

/** Names of the zones that somebody has installed into a cluster with Helm. */
export function adoptedInClusters({ zones }: Zones): string[] {
  return zones
    .filter((zone) => zone.platform === "kubernetes" && zone.install === "adopt")
    .map(({ name }) => name);
}

/** Those of them that are to run alone. */
export function adoptedAlone({ zones }: Zones): string[] {
  return adoptedInClusters({ zones: zones.filter(({ federated }) => !federated) });
}

/**
 * Has other zones let go of those that leave and were installed by Helm. The engine gives their releases the values that they had before
 * ahead of all that it deletes, so that what does this for other zones, when their membership is deleted, would come too late.
 */
export async function letGoOfAdopted(
  standing: Pick<Standing, "zones" | "konnectToken"> | undefined,
  leaving: readonly string[],
  waitMs = LET_GO_MS,
): Promise<void> {
  if (!standing) return;
  let isAnyDisabled = false;
  for (const zone of standing.zones.filter(({ zoneName }) => leaving.includes(zoneName))) {
    const place = { zoneName: zone.zoneName, global: globalAccess(standing, zone) };
    const isDisabled = await letGo(place, { waitMs: 0, tell: (line) => print(`  ${line}`) });
    isAnyDisabled ||= isDisabled;
  }
  if (isAnyDisabled) await pause(waitMs);
}
