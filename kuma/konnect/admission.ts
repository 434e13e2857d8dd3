import { ControlPlane } from "../client";
import { zoneNames } from "../zone";

/** How much a control plane may hold; 0 is without limit, as everywhere but in Konnect. */
export interface HostedLimits {
  zones: number;
  dataplanes: number;
  policies: number;
}

interface Total {
  total?: number;
}

interface GlobalInsight {
  limits?: Partial<HostedLimits>;
  zones?: { controlPlanes?: Total & { online?: number } };
  dataplanes?: Record<string, Total>;
  policies?: Total;
}

/** What a global holds, and how much it may hold. */
export interface HostedUse {
  limits: HostedLimits;
  used: HostedLimits;
}

/** Reads `global-insight`; what it does not tell counts as none used and no limit. */
export async function hostedUse(global: ControlPlane): Promise<HostedUse> {
  const insight = (await global.getJson("/global-insight", "its limits")) as GlobalInsight;
  const { zones = 0, dataplanes = 0, policies = 0 } = insight.limits ?? {};
  const proxies = Object.values(insight.dataplanes ?? {}).map(({ total }) => total ?? 0);
  return {
    limits: { zones, dataplanes, policies },
    used: {
      zones: insight.zones?.controlPlanes?.total ?? 0,
      dataplanes: proxies.reduce((sum, total) => sum + total, 0),
      policies: insight.policies?.total ?? 0,
    },
  };
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
