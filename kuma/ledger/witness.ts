import type { ControlPlane } from "../api/client";
import { KumaError } from "../errors";
import { enumerated } from "../lists";
import { Circumstances, Ledger, compareRecords, isExplained } from "./compare";
import type { ZoneRecord } from "./record";
import type { Occasion } from "./rule";
import { recordSince } from "./since";
import { countsOf, enumeratedProblems } from "./tell";
import { until } from "../until";

export interface Patience {
  /** Milliseconds for what a restart and the sync set going to come to rest. Default 60,000. */
  deadlineMs?: number;
  /** Milliseconds between two looks. Default 1,000. */
  intervalMs?: number;
}

const HAPPENED: Record<Occasion, string> = {
  joined: "has joined its global",
  handedOver: "has handed its policies over",
  back: "runs alone again",
};

function happened({ occasion, meshes }: Pick<Ledger, "occasion" | "meshes">): string {
  return meshes ? `has mesh ${enumerated([...meshes])} again, which its global had lost` : HAPPENED[occasion];
}

const NEXT: Record<Occasion, string> = {
  joined:
    "The zone is switched, and stays so. Run it again once that is fixed: it looks again. To take the zone back with what it had, set federated: false for it and run up.",
  handedOver:
    "The policies are the global's, and stay so. Run it again once that is fixed: it looks again. With the profile federation the zone gets its own back.",
  back: "The zone runs, and stays as it is. Write back by hand what is missing, and run it again: it looks again.",
};

/**
 * Reads the zone again until every difference from the record is explained, and fails with those that are not when that
 * takes too long.
 */
export async function untilExplained(
  occasion: Occasion,
  before: ZoneRecord,
  zone: ControlPlane,
  circumstances: Circumstances = {},
  { deadlineMs = 60_000, intervalMs = 1_000 }: Patience = {},
): Promise<Ledger> {
  const compare = async () =>
    compareRecords(occasion, before, await recordSince(zone, before), circumstances);
  return until(compare, {
    deadlineMs,
    everyMs: intervalMs,
    signal: zone.address.signal,
    isThere: isExplained,
    onTimeout: (ledger) => {
      const count = ledger.unexplained.length + ledger.ambiguous.length;
      return new KumaError(
        "unexplained",
        `Zone ${before.zone} ${happened(ledger)}, but not everything in it is as it was. ` +
          `${count} ${count === 1 ? "difference is" : "differences are"} explained by no rule of docs/ledger.md: ` +
          `${enumeratedProblems(ledger)}. ${NEXT[occasion]} ` +
          `What you know of and want as it is, name in the setting acceptDifferences.`,
      );
    },
  });
}

/** One line: what differs, all of it explained. */
export function describeLedger(ledger: Ledger, zone: string): string {
  const { recorded, explained } = ledger;
  return (
    `zone ${zone} ${happened(ledger)}: compared with the record of ${recorded} resources: ${countsOf(explained)}; ` +
    `each explained (docs/ledger.md)`
  );
}
