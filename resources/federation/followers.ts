import { Federation, KumaError, Prospect, isKumaError } from "../../kuma";
import { asTheyRun } from "../connections";
import { isKnown } from "../provider/handler";
import { planHandOver } from "../policies/policyProspects";
import { missFrom, prospectOf, withFederation } from "./prospects";
import { isGlobalStopped, whyNotStarted } from "../options/notStarted";
import type { InputsOf } from "../provider/resource";
import type { FederationArgs, FollowerArgs } from "./federationArgs";
import type { GlobalWayBack } from "./globalWayBack";
import { ofOneRun } from "../provider/oneRun";

type WithFollowers = InputsOf<typeof GlobalWayBack>;

/** Zones that were looked at in this run together with one that joins before, by their addresses. */
const seen = ofOneRun(new Set<string>());

/** Zones that join one after another, as a bridge has named them in this run, and as it had named them before; by their global. */
const named = ofOneRun(new Map<string, { followers: FollowerArgs[]; former: FollowerArgs[] }>());

/**
 * Notes the zones that a bridge names. It is not for each of these to name those after it again: of fifty zones it would be
 * more than a thousand.
 */
export function noteFollowers(
  { global, followers }: Pick<WithFollowers, "global" | "followers">,
  olds: Partial<WithFollowers>,
): void {
  if (followers) named.set(global.url, { followers, former: olds.followers ?? [] });
}

/**
 * Plans a zone, and with the first one that has not joined yet all that join after it: nothing is written for one zone as
 * long as something stands against another. The engine stops at the first resource that its check refuses
 * (pulumi/pulumi#16133), so this one refuses for all of them, and names everything at once.
 */
export async function planTogether(
  inputs: WithFollowers,
  olds: Partial<WithFollowers>,
  federation: Federation,
): Promise<Prospect | undefined> {
  const refusals: KumaError[] = [];
  const planned = await plan(federation, inputs, refusals);
  if (!planned && refusals.length === 0) return undefined;
  for (const follower of followersOf(inputs)) {
    if (seen.has(addressOf(inputs, follower))) continue;
    await collected(refusals, false, () => lookAt(follower, inputs, olds, refusals));
    seen.add(addressOf(inputs, follower));
  }
  if (refusals.length === 0) return planned;
  seen.clear();
  throw allOf(refusals);
}

/** Those that the zone's own bridge names, or those that come after it where a bridge before it has named all. */
function followersOf({ zoneName, global, followers }: WithFollowers): readonly FollowerArgs[] {
  if (followers) return followers;
  const all = named.get(global.url)?.followers ?? [];
  const at = all.findIndex((each) => each.zoneName === zoneName);
  return at < 0 ? [] : all.slice(at + 1);
}

/** Plans what a zone brings and what it hands over; each refusal is kept for the end. */
async function plan(
  federation: Federation,
  zone: FollowerArgs,
  refusals: KumaError[],
): Promise<Prospect | undefined> {
  const before = refusals.length;
  const keep = <T>(look: () => Promise<T>) => collected(refusals, mayBeAway(zone), look);
  const planned = await keep(() => prospectOf(federation));
  // nothing more is to be said of one that has joined, or that cannot be looked at
  const isOpen = planned !== undefined || refusals[before]?.code === "conflict";
  if (zone.handsOver && isOpen) await keep(() => planHandOver(federation, {}));
  return planned;
}

async function lookAt(
  follower: FollowerArgs,
  { followers: _, handsOver: __, ...inputs }: WithFollowers,
  olds: Partial<WithFollowers>,
  refusals: KumaError[],
): Promise<void> {
  const { zoneName } = follower;
  if (!isKnown(follower.zone.url)) return missFrom(zoneName);
  const former = named.get(inputs.global.url)?.former.find((each) => each.zoneName === zoneName);
  const where = await asTheyRun(
    { ...inputs, nextDatabase: undefined, ...follower },
    { zone: former?.zone, global: olds.global },
  );
  try {
    await withFederation(where, olds.kdsAddress, (federation) => plan(federation, follower, refusals));
  } catch (error) {
    if (!mayBeAway(follower) || !isKumaError(error, "unreachable")) throw error;
    missFrom(zoneName);
  }
}

/** Whether it is for the run to start what does not answer. */
export function mayBeAway({
  zoneName,
  zoneStarted,
}: Pick<FollowerArgs, "zoneName" | "zoneStarted">): boolean {
  return whyNotStarted(zoneName) !== undefined || isGlobalStopped() || !isKnown(zoneStarted);
}

async function collected<T>(
  refusals: KumaError[],
  isAway: boolean,
  look: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (!isKumaError(error) || (isAway && error.code === "unreachable")) throw error;
    refusals.push(error);
    return undefined;
  }
}

function addressOf({ global }: FederationArgs, { zone }: FollowerArgs): string {
  return `${zone.url} ${global.url}`;
}

function allOf(refusals: readonly KumaError[]): KumaError {
  const [first] = refusals;
  if (refusals.length === 1) return first;
  return new KumaError(first.code, refusals.map(({ message }) => message).join("\n"));
}
