import type { Resource } from "../resource/resource";
import type { Difference } from "./changes";
import type { ZoneRecord } from "./record";

/** When a zone is compared with what it was. */
export type Occasion =
  /** It has joined its global. */
  | "joined"
  /** Its policies were handed over to the global. */
  | "handedOver"
  /** It runs alone again. */
  | "back";

/** What becomes of a resource, for people. */
export type Effect = "renamed" | "relabelled" | "recreated" | "changed" | "new" | "gone";

export interface Comparison {
  occasion: Occasion;
  before: ZoneRecord;
  after: ZoneRecord;
  /** By name, for rules that look at more than one resource. */
  beforeByKey: ReadonlyMap<string, Resource>;
  afterByKey: ReadonlyMap<string, Resource>;
  /** What the zone was when it was about to leave its global, or to get back what it owned in a mesh that was lost. */
  leaving?: ReadonlyMap<string, Resource>;
  /** What is not in it its owner had deleted; a zone that had lost a mesh by then may have lost it with that. */
  isLeavingWhole: boolean;
  /** Whether the stack's setting `onConflict` leaves a resource, by name, as the global has it. */
  isLeftToGlobal: (key: string) => boolean;
  /** Whether the stack's setting `acceptDifferences` names it. */
  isAccepted: (key: string) => boolean;
}

/** Why a difference is no loss. Rules know Kuma, and nothing of what this program plans to do. */
export interface Rule {
  code: string;
  occasions: readonly Occasion[];
  effect: Effect;
  /** One sentence: what happens, and why. */
  reason: string;
  /** File of Kuma v2.14.3, or "measured", where it was seen. */
  source: string;
  /** Counts only where no other rule fits: for what people decide, which may be anything. */
  yields?: true;
  explains(difference: Difference, comparison: Comparison): boolean;
  /** What it will do to a resource when the zone joins, seen from the record alone; undefined: nothing. */
  foretells?(resource: Resource, record: ZoneRecord): string | undefined;
}
