import {
  EarlierZone,
  Manifest,
  PolicyProspect,
  PolicySides,
  assertNoConflict,
  surveyPolicies,
} from "../../kuma";
import { before, earlierThan } from "../federation/prospects";
import { foretellHandOver } from "./foretell";
import { ofOneRun } from "../provider/oneRun";

/**
 * Zones whose policies were looked at and are not handed over yet, in the order in which they join: for those that
 * follow, what they hand over counts as being on the global.
 */
const waiting = ofOneRun(new Map<string, EarlierZone>());

/** Plans what a zone hands over, after those before it; fails on what they or the global have with other content. */
export async function planHandOver(
  sides: Omit<PolicySides, "earlier">,
  known: Manifest,
): Promise<PolicyProspect> {
  const { zoneName } = sides;
  const earlier = [...earlierThan(zoneName), ...before(zoneName, waiting)];
  const prospect = await surveyPolicies({ ...sides, earlier }, known);
  waiting.set(zoneName, { zoneName, plan: { resources: prospect.planned }, kept: [] });
  await foretellHandOver(prospect, sides);
  assertNoConflict(prospect.planned, zoneName);
  return prospect;
}

/** What a zone hands over is being written, so that the global itself tells of it. */
export function forgetHandOver(zoneName: string): void {
  waiting.delete(zoneName);
}
