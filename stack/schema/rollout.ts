import * as v from "valibot";
import { SETTLE_SECONDS } from "../../components/arguments/limits";
import { integer, object, otherwise } from "./fields";

/** How many zones a wave has; `all` are those that are left. */
export type WaveSize = number | "all";

/** How the zones of a stack are switched. */
export interface Rollout {
  /** The last number holds for all waves that follow it. */
  waves: readonly WaveSize[];
  /** Seconds for which the zones of a wave stay online before the next one begins. */
  settle: number;
}

const WAVES =
  'a list of how many zones each wave has, from 1 on, with "all" at most as its last, such as [1, 5, all]';
const SETTLE = 60;

const isSize = (value: unknown) =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 1000;
const areWaves = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((each, at) => isSize(each) || (each === "all" && at === value.length - 1));

export const ROLLOUT = object({
  waves: v.pipe(
    v.custom<WaveSize[]>(areWaves, WAVES),
    v.metadata({
      type: "array",
      minItems: 1,
      items: { anyOf: [{ type: "integer", minimum: 1, maximum: 1000 }, { const: "all" }] },
    }),
  ),
  settle: otherwise(SETTLE, integer(...SETTLE_SECONDS)),
});
