import { ControlPlane } from "../api/client";
import { objectIn, valueAt } from "../api/json";
import { zoneNames } from "../zone/zone";

/** How much a control plane may hold; 0 is without limit, as everywhere but in Konnect. */
export interface HostedLimits {
  zones: number;
  dataplanes: number;
  policies: number;
}

/** What a global holds, and how much it may hold. */
export interface HostedUse {
  limits: HostedLimits;
  used: HostedLimits;
}

/** Reads `global-insight`; what it does not tell counts as none used and no limit. */
export async function hostedUse(global: ControlPlane): Promise<HostedUse> {
  const insight = await global.getJson("/global-insight", "its limits");
  const count = (...fields: string[]) => countIn(valueAt(insight, ...fields));
  const proxies = Object.values(objectIn(valueAt(insight, "dataplanes")) ?? {}).map((kind) =>
    countIn(valueAt(kind, "total")),
  );
  return {
    limits: {
      zones: count("limits", "zones"),
      dataplanes: count("limits", "dataplanes"),
      policies: count("limits", "policies"),
    },
    used: {
      zones: count("zones", "controlPlanes", "total"),
      dataplanes: proxies.reduce((sum, total) => sum + total, 0),
      policies: count("policies", "total"),
    },
  };
}

/** More of anything than any mesh has; what is no number counts as none. */
const MOST = 1_000_000;

function countIn(value: unknown): number {
  return typeof value === "number" ? Math.min(Math.max(Math.floor(value), 0), MOST) : 0;
}

/**
 * The zones that a control plane in Konnect has beside this one, which may have been announced there before it connects.
 * Lists of zones are not documented: where there is none, `global-insight` tells how many there are.
 */
export async function otherZones(global: ControlPlane, zoneName: string): Promise<string[]> {
  const names = await zoneNames(global);
  const { used } = await hostedUse(global);
  const untold = Array.from(
    { length: Math.max(0, used.zones - names.length) },
    () => "a zone without a name",
  );
  return [...names.filter((name) => name !== zoneName), ...untold];
}
