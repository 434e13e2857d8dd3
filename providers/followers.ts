import { Federation, KumaError, Prospect, isKumaError } from "../kuma";
import { asTheyRun } from "./connections";
import { isKnown } from "./handler";
import { FederationInputs, missFrom, prospectOf, withFederation } from "./prospects";
import { isZoneStopped } from "./stopped";

/** How a zone is reached that joins later. */
export type Follower = Pick<
  FederationInputs,
  "zoneName" | "zoneUrl" | "zoneTokens" | "zoneKubeconfig" | "zoneStarted" | "zoneRunsHere" | "nextDatabase"
>;

export interface WithFollowers extends FederationInputs {
  /** In the order in which they join. */
  followers?: Follower[];
}

/** Zones that were looked at in this run together with one that joins before, by their addresses. */
const seen = new Set<string>();

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
  const planned = await collected(refusals, () => prospectOf(federation));
  if (!planned && refusals.length === 0) return undefined;
  for (const follower of inputs.followers ?? []) {
    if (seen.has(addressOf(inputs, follower))) continue;
    await collected(refusals, () => lookAt(follower, inputs, olds));
    seen.add(addressOf(inputs, follower));
  }
  if (refusals.length === 0) return planned;
  seen.clear();
  throw allOf(refusals);
}

async function lookAt(
  follower: Follower,
  { followers: _, ...inputs }: WithFollowers,
  olds: Partial<WithFollowers>,
): Promise<void> {
  const { zoneName } = follower;
  if (!isKnown(follower.zoneUrl)) return missFrom(zoneName);
  const former = olds.followers?.find((each) => each.zoneName === zoneName);
  const where = await asTheyRun(
    { ...inputs, zoneKubeconfig: undefined, nextDatabase: undefined, ...follower },
    { zoneUrl: former?.zoneUrl, globalUrl: olds.globalUrl },
  );
  try {
    await withFederation(where, olds.kdsAddress, prospectOf);
  } catch (error) {
    const mayBeAway = isZoneStopped(zoneName) || !isKnown(follower.zoneStarted);
    if (!mayBeAway || !isKumaError(error, "unreachable")) throw error;
    missFrom(zoneName);
  }
}

async function collected<T>(refusals: KumaError[], look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (!isKumaError(error)) throw error;
    refusals.push(error);
    return undefined;
  }
}

function addressOf({ globalUrl }: FederationInputs, { zoneUrl }: Follower): string {
  return `${zoneUrl} ${globalUrl}`;
}

function allOf(refusals: readonly KumaError[]): KumaError {
  const [first] = refusals;
  if (refusals.length === 1) return first;
  return new KumaError(first.code, refusals.map(({ message }) => message).join("\n"));
}
