import * as fs from "node:fs";
import { ControlPlane, isKumaError } from "../../../kuma";
import { ZoneRecord, recordWithoutSecrets } from "../../../kuma/ledger";
import { ControlPlaneProcess } from "../controlPlaneProcess";
import { isFederated } from "../environment";
import { readIfThere } from "../files";

/**
 * What a zone was when it was about to leave its global, on disk beside its process until it was held to it: a run that was
 * killed in between, or found something missing, is followed by one that looks again.
 */
const LEAVING = "leaving.json";

/** Begins the way back of a zone, or goes on with one; undefined where the zone runs alone and none is under way. */
export async function beginReturn(
  process: ControlPlaneProcess,
  zone: ControlPlane,
  zoneName: string,
): Promise<ZoneRecord | undefined> {
  const earlier = readIfThere(process.file(LEAVING));
  if (earlier !== undefined) return JSON.parse(earlier) as ZoneRecord;
  const settings = process.settings();
  if (settings === undefined || !isFederated(settings.environment)) return undefined;
  const record = await whatItIs(zone, zoneName);
  process.writeFile(LEAVING, JSON.stringify(record));
  return record;
}

/** The zone is back, and was held to what it was. */
export function endReturn(process: ControlPlaneProcess): void {
  fs.rmSync(process.file(LEAVING), { force: true });
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
