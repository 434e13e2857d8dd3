import { ControlPlane, enumerated, isKumaError } from "../../../kuma";
import {
  compareRecords,
  countsOf,
  isExplained,
  recordSince,
  unexplainedIn,
  unpackRecord,
} from "../../../kuma/ledger";
import { leftToGlobal } from "../../../resources/ledgers";
import type { StandingZone, Witnessed } from "../../stack/standing/standing";

/** A comparison of a zone with what it was before. */
export interface LedgerReport {
  zone: string;
  occasion: Witnessed["occasion"];
  /** How many resources the zone had. */
  recorded: number;
  /** The comparison is not younger (RFC 3339). */
  comparedBy: string;
  /** How many resources each rule explains something of, by its code; null where that was not kept. */
  explained: Record<string, number> | null;
  /** What no rule explains, one sentence each. */
  unexplained: string[];
}

interface LedgerStatus {
  reports: LedgerReport[];
  problems: string[];
  inconclusive: string[];
  warnings: string[];
}

/** How many differences one sentence names. */
const MOST_NAMED = 20;

/**
 * What the ledger has found when a zone joined and handed over. Where a run has ended before everything was explained, the
 * zone is compared anew: what is told is how it stands now. Afterwards a zone is its owner's, and is not held to it.
 */
export async function ledgerStatus(
  zone: ControlPlane,
  { zoneName, ledger, onConflict }: StandingZone,
  isAccepted: (key: string) => boolean,
  isOnline: boolean,
): Promise<LedgerStatus> {
  const status: LedgerStatus = { reports: [], problems: [], inconclusive: [], warnings: [] };
  for (const { occasion, by, outcome, before } of ledger) {
    if (outcome) {
      const { recorded, explained } = outcome;
      const comparedBy = by ?? "unknown";
      status.reports.push({ zone: zoneName, occasion, recorded, comparedBy, explained, unexplained: [] });
    } else if (before !== undefined && isOnline) {
      try {
        const record = unpackRecord(before);
        const circumstances = { isAccepted, isLeftToGlobal: leftToGlobal(onConflict) };
        const found = compareRecords(occasion, record, await recordSince(zone, record), circumstances);
        const unexplained = unexplainedIn(found);
        const report = {
          zone: zoneName,
          occasion,
          recorded: found.recorded,
          comparedBy: new Date().toISOString(),
        };
        status.reports.push({ ...report, explained: null, unexplained });
        if (isExplained(found))
          status.warnings.push(
            `Zone ${zoneName}: the last run ended before it was finished. Compared now with its record of before, every difference is explained (${countsOf(found.explained)}). npm run up completes it.`,
          );
        else
          status.problems.push(
            `Not everything in zone ${zoneName} is as it was before, and no rule of docs/ledger.md explains it: ${enumerated(unexplained, MOST_NAMED)}. ` +
              `What you want as it is, name in the setting acceptDifferences; npm run up looks again.`,
          );
      } catch (error) {
        if (!isKumaError(error)) throw error;
        status.inconclusive.push(
          `Zone ${zoneName} could not be compared with the record of what it was before. ${error.message}`,
        );
      }
    }
  }
  return status;
}
