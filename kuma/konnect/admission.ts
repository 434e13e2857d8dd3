import { ControlPlane, ControlPlaneConfig } from "../client";
import { KumaError } from "../errors";
import { ZoneExport } from "../export";
import { zoneNames, zoneState } from "../zone";

/** How much a control plane in Konnect may hold; 0 is without limit. */
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

/** What a control plane in Konnect holds, and how much it may hold. */
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
 * Whether Konnect can take this zone: its name is free, it fits into what may be held, and the zone will trust Konnect's
 * certificate. Fails with one sentence; nothing is written by then.
 */
export async function assertAdmitted(
  global: ControlPlane,
  zoneName: string,
  config: ControlPlaneConfig,
  exported: ZoneExport,
): Promise<void> {
  assertTrustsPublicAuthorities(zoneName, config);
  const state = await zoneState(global, zoneName);
  if (state.online) {
    throw new KumaError(
      "conflict",
      `The name ${zoneName} is taken: another zone of this name is online on the control plane in Konnect. Nothing was changed. ` +
        `Give the control plane another name for one of the two zones, or choose another control plane.`,
    );
  }
  const { limits, used } = await hostedUse(global);
  const all = [...exported.carried, ...exported.kept];
  const needed: HostedLimits = {
    zones: state.known ? 0 : 1,
    dataplanes: all.filter(({ type }) => type === "Dataplane").length,
    policies: all.filter(({ type }) => exported.types.get(type)?.policy !== undefined).length,
  };
  const short = (Object.keys(limits) as (keyof HostedLimits)[]).filter(
    (what) => limits[what] > 0 && used[what] + needed[what] > limits[what],
  );
  if (short.length === 0) return;
  const told = short.map(
    (what) => `${used[what]} of ${limits[what]} ${what} are used and ${needed[what]} more come`,
  );
  throw new KumaError(
    "refused",
    `The quota of the control plane in Konnect is too small for zone ${zoneName}: ${told.join("; ")}. ` +
      `Nothing was changed. Have the limit raised, or remove what is not needed.`,
  );
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

/** Konnect's certificate is a public one: a zone that is told which authority to trust trusts only that one. */
export function assertTrustsPublicAuthorities(zoneName: string, config: ControlPlaneConfig): void {
  const setting =
    config.kdsRootCaFile !== undefined
      ? `an authority of its own for the global (KUMA_MULTIZONE_ZONE_KDS_ROOT_CA_FILE, ${config.kdsRootCaFile}), and would not trust Konnect's public certificate`
      : config.kdsSkipsVerify === true
        ? "the setting KUMA_MULTIZONE_ZONE_KDS_TLS_SKIP_VERIFY, and would send its token to whoever answers"
        : undefined;
  if (setting === undefined) return;
  throw new KumaError(
    "invalid",
    `Zone ${zoneName} has ${setting}. Nothing was changed. Take that setting out of the zone's configuration, restart it, and run this again.`,
  );
}
