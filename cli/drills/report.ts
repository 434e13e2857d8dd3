import { formatTable } from "../terminal/table";
import { type DrillName, MEASURES, PROMISES } from "./promises";
import type { Row } from "./verdict";

export interface DrillReport {
  drill: DrillName;
  zone: string;
  /** What was broken, and how. */
  does?: string;
  /** Why nothing was. */
  notRun?: string;
  rows: Row[];
}

/** What `drill --output json` prints. */
export interface DrillsReport {
  /** Every promise was kept; false also where one could not be measured. */
  ok: boolean;
  drills: DrillReport[];
}

const [EXIT_KEPT, EXIT_NOT_KEPT, EXIT_NOT_MEASURED] = [0, 1, 3];

export function exitStatusOf(drills: readonly DrillReport[]): number {
  const verdicts = drills.flatMap(({ rows }) => rows.map(({ verdict }) => verdict));
  if (verdicts.includes("not kept")) return EXIT_NOT_KEPT;
  const isAll = drills.every(({ notRun }) => notRun === undefined) && !verdicts.includes("not measured");
  return isAll ? EXIT_KEPT : EXIT_NOT_MEASURED;
}

/** What is told before anything is broken. */
export function formatPromises(drill: DrillName): string {
  const { heading, promises } = PROMISES[drill];
  const lines = promises.map(({ says, measure }) =>
    measure === undefined ? `  - ${says}` : `  - ${says} [${MEASURES[measure]}]`,
  );
  return [`  Kuma's guide, "${heading}", promises:`, ...lines].join("\n");
}

export function formatDrills(drills: readonly DrillReport[]): string {
  return drills
    .map(({ drill, zone, does, notRun, rows }) => {
      const title = `${drill}, zone ${zone}`;
      if (notRun !== undefined) return `${title}: not run. ${notRun}`;
      const lines = rows.map(({ promise, measure, measured, verdict }) => [
        ...[promise, measure ?? "", measured ?? ""],
        verdict,
      ]);
      return `${title}: ${does}\n${formatTable(["PROMISE", "MEASURE", "MEASURED", "VERDICT"], lines)}`;
    })
    .join("\n\n");
}
