import * as fs from "node:fs";
import {
  EarlierZone,
  Facts,
  Federation,
  Prospect,
  asEarlier,
  prospectOfSurvey,
  surveyZone,
} from "../../kuma";
import { withConnections, withZone } from "../connections";
import { isKnown } from "../provider/handler";
import { saying } from "../provider/progress";
import { foretellZone } from "./foretell";
import { isGlobalStopped } from "../options/notStarted";
import type { FederationArgs } from "./federationArgs";
import { ofOneRun } from "../provider/oneRun";

/**
 * The engine calls the check, diff and create or update of two resources one after another, and all of them need the
 * plan; what was read longer ago is read anew.
 */
const FRESH_MS = 10_000;
const prospects = ofOneRun(new Map<string, { prospect: Prospect; at: number }>());

/** What was planned a moment ago. */
export function freshProspect(zoneName: string): Prospect | undefined {
  const seen = prospects.get(zoneName);
  return seen && Date.now() - seen.at < FRESH_MS ? seen.prospect : undefined;
}

/** What was planned a moment ago, or a plan made now; undefined when the zone is federated with this global already. */
export async function prospectOf(federation: Federation): Promise<Prospect | undefined> {
  const { zoneName } = federation;
  const fresh = freshProspect(zoneName);
  if (fresh) return fresh;
  const survey = await saying(
    (seconds) => `zone ${zoneName}: both sides are read and compared, for ${seconds} s until now`,
    () => surveyZone(federation),
  );
  if (!survey) {
    waiting.delete(zoneName);
    return undefined;
  }
  await takeForEarlier(survey.facts);
  await foretellZone(survey);
  const prospect = await prospectOfSurvey(survey);
  prospects.set(zoneName, { prospect, at: Date.now() });
  return prospect;
}

/** What was planned is being carried out, so that it is no plan any more, nor what was planned after it. */
export function forgetProspect(zoneName: string): void {
  prospects.clear();
  waiting.delete(zoneName);
}

/**
 * Zones that were looked at and have not joined, in the order in which they join: the engine asks of them in that order.
 * What they bring counts as being on the global for those that follow.
 */
const waiting = ofOneRun(new Map<string, EarlierZone>());

/** Has zones that follow reckon with what one brings, whatever stands against it. */
export async function takeForEarlier(facts: Facts): Promise<void> {
  waiting.set(facts.zoneName, await asEarlier(facts));
}

/** Has zones that follow know that one could not be looked at. */
export function missFrom(zoneName: string): void {
  waiting.set(zoneName, { zoneName, plan: undefined, kept: [] });
}

export function earlierThan(zoneName: string): EarlierZone[] {
  return before(zoneName, waiting);
}

/** Of zones that wait in their order those before one; all of them, where it does not wait yet. */
export function before(zoneName: string, zones: ReadonlyMap<string, EarlierZone>): EarlierZone[] {
  const at = [...zones.keys()].indexOf(zoneName);
  return [...zones.values()].slice(0, at < 0 ? zones.size : at);
}

/** Opens both sides for one call. As long as the global does not exist, its version is unknown. */
export function withFederation<T>(
  inputs: FederationArgs,
  formerKdsAddress: string | undefined,
  work: (federation: Federation) => Promise<T>,
): Promise<T> {
  const { zoneName, zoneRunsHere, nextDatabase, onConflict, policies, hosted, kdsSystemCaFile } = inputs;
  const known = <V>(value: V): V | undefined => (isKnown(value) ? value : undefined);
  const federation = {
    zoneName,
    kdsAddress: known(inputs.kdsAddress),
    formerKdsAddress,
    kdsCa: kdsSystemCaFile === undefined ? known(inputs.kdsCa) : fs.readFileSync(kdsSystemCaFile, "utf8"),
    zoneRunsHere,
    nextDatabase,
    onConflict,
    policies,
    hosted,
    earlier: earlierThan(zoneName),
    ...(isGlobalStopped() && { globalIsStopped: true }),
  };
  return isKnown(inputs.globalVersion)
    ? withConnections(inputs, (sides) => work({ ...federation, ...sides }))
    : withZone(inputs, (zone) => work({ ...federation, zone, global: undefined }));
}
