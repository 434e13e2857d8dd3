import * as v from "valibot";

/** What `refresh --output json` prints. */
export const DRIFT_REPORT = v.object({
  version: v.literal(1),
  stack: v.string(),
  /** `nothing`: there was nothing to compare. */
  outcome: v.picklist(["same", "drift", "nothing", "failed"]),
  error: v.nullable(v.string()),
  drift: v.array(
    v.object({
      key: v.string(),
      kind: v.string(),
      /** The stack itself wrote it. */
      own: v.boolean(),
      /** The setting acceptDifferences names it. */
      accepted: v.boolean(),
    }),
  ),
});
export type DriftReport = v.InferOutput<typeof DRIFT_REPORT>;

export function failedDrift(stack: string, error: string): DriftReport {
  return { version: 1, stack, outcome: "failed", error, drift: [] };
}
