import * as fs from "node:fs";
import * as path from "node:path";
import { zoneState, Sides } from "../../kuma";
import { ZoneRecord, recordWithoutSecrets } from "../../kuma/ledger";
import { readIfThere, writeOwn } from "../universal/files";

interface Leaving {
  /** The zone's last connection with the global: after another one it leaves for another time. */
  subscription?: string;
  record: ZoneRecord;
}

/**
 * What a zone was when it was about to leave its global, kept beside the stack's state until the zone was held to it. A run
 * that was killed in between, or found something missing, is followed by one that looks again: recorded anew by then, what
 * the way back has lost would count as what the zone had changed by itself.
 */
export async function beginReturn(directory: string, { zone, global, zoneName }: Sides): Promise<ZoneRecord> {
  const { subscription } = await zoneState(global, zoneName);
  const text = readIfThere(fileIn(directory));
  const earlier = text === undefined ? undefined : (JSON.parse(text) as Leaving);
  // the global may have forgotten the zone already
  if (earlier && (subscription === undefined || subscription === earlier.subscription)) return earlier.record;
  const leaving: Leaving = { subscription, record: await recordWithoutSecrets(zone, zoneName) };
  writeOwn(fileIn(directory), JSON.stringify(leaving));
  return leaving.record;
}

/** The zone is back, and was held to what it was. */
export function endReturn(directory: string): void {
  fs.rmSync(fileIn(directory), { force: true });
}

function fileIn(directory: string): string {
  return path.join(directory, "leaving.json");
}
