import { MEASURES, Measure, PROMISES, type DrillName, type Promised } from "./promises";

/** What came of a measure. */
export type Outcome =
  /** Left out where it came out neither the one way nor the other, as where some calls failed and others did not. */
  { happened?: boolean; told: string } | { skipped: string };

export type Outcomes = Partial<Record<Measure, Outcome>>;

/** `told` is what is measured and may be either; `stated` is what no measure is made for. */
export type Verdict = "kept" | "not kept" | "not measured" | "told" | "stated";

export interface Row {
  promise: string;
  source: string;
  measure: string | null;
  measured: string | null;
  verdict: Verdict;
}

const NO_MEASURE = "this drill measures nothing of it";

/** The promises of a drill beside what was measured. */
export function rowsOf(drill: DrillName, outcomes: Outcomes): Row[] {
  const { heading, promises } = PROMISES[drill];
  return promises.map((promised) => rowOf(promised, `Kuma's guide, "${heading}"`, outcomes));
}

function rowOf({ says, source, measure, expected }: Promised, guide: string, outcomes: Outcomes): Row {
  const base = { promise: says, source: source ?? guide };
  if (measure === undefined) return { ...base, measure: null, measured: NO_MEASURE, verdict: "stated" };
  const outcome = outcomes[measure] ?? { skipped: "it was not tried" };
  const told = { ...base, measure: MEASURES[measure] };
  if ("skipped" in outcome) return { ...told, measured: outcome.skipped, verdict: "not measured" };
  return { ...told, measured: outcome.told, verdict: judged(outcome.happened, expected) };
}

function judged(happened: boolean | undefined, expected: boolean | undefined): Verdict {
  if (expected === undefined) return "told";
  return happened === expected ? "kept" : "not kept";
}
