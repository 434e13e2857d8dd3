import { ControlPlane, isKumaError } from "../../../kuma";
import { ZoneRecord, recordWithoutSecrets } from "../../../kuma/ledger";
import { isFederated } from "../environment";
import type { ZoneRuntime } from "./zoneRuntime";

/**
 * What a zone was when it was about to leave its global, on disk beside its control plane until it was held to it: a run that was
 * killed in between, or found something missing, is followed by one that looks again.
 */
const LEAVING = "leaving.json";

/** Begins the way back of a zone, or goes on with one; undefined where the zone runs alone and none is under way. */
export async function beginReturn(
  runtime: ZoneRuntime,
  zone: ControlPlane,
  zoneName: string,
): Promise<ZoneRecord | undefined> {
  const earlier = await runtime.readKept(LEAVING);
  if (earlier !== undefined) return JSON.parse(earlier) as ZoneRecord;
  const settings = await runtime.settings();
  if (settings === undefined || !isFederated(settings.environment)) return undefined;
  const record = await whatItIs(zone, zoneName);
  await runtime.writeKept(LEAVING, JSON.stringify(record));
  return record;
}

/** The zone is back, and was held to what it was. */
export function endReturn(runtime: ZoneRuntime): Promise<void> {
  return runtime.forgetKept(LEAVING);
}

async function whatItIs(zone: ControlPlane, zoneName: string): Promise<ZoneRecord> {
  try {
    return await recordWithoutSecrets(zone, zoneName);
  } catch (error) {
    if (!isKumaError(error, "unreachable")) throw error;
    // one that does not run tells of no change since it joined
    return { zone: zoneName, environment: "universal", resources: [] };
  }
}
