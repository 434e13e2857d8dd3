import {
  INGRESS_WITHIN_MS,
  type IngressWaits,
  KumaError,
  type Withheld,
  type CallsOfOthers,
  enumerated,
  giveAgain,
  ingressesOf,
  isKumaError,
  isWithheld,
  runsAlone,
  untilIngressGone,
  untilIngressesServe,
  withhold,
} from "../../kuma";
import { recordWhileAlone } from "../ledgers";
import { type Connections, type ZoneConnection, withConnections, withGlobal, withZone } from "../connections";
import { say } from "../provider/say";
import { type Hiding, LET_GO_MS, hide } from "./hide";

/** A zone that joins, and whether the stack has it enabled on the global. */
export interface Joining extends Connections {
  /** @default where others know of it once it serves */
  enabled?: boolean;
}

/**
 * Whether `beforeSwitch` is to be done: for the first time, or again, as its Zone goes when a switch that failed is taken back. A
 * zone that does not answer tells nothing.
 */
export async function isToJoin(place: ZoneConnection): Promise<boolean> {
  try {
    return await withZone(place, runsAlone);
  } catch (error) {
    if (!isKumaError(error)) throw error;
    return false;
  }
}

/** Records a zone that runs alone, for the way back, before it joins, and holds it back. Gives the record. */
export async function beforeSwitch(place: Joining, former: string | undefined): Promise<string | undefined> {
  const before = await recordWhileAlone(place, former);
  await holdBack(place);
  return before;
}

/**
 * Before a zone that runs alone joins: other zones hear of its zone ingress seconds before that has its routes (docs/zones.md), and
 * calls to what they have too would fail there. They know nothing of the zone until `asMember` has seen it serve, or never, where the
 * stack has it disabled. Does nothing to a member.
 */
export async function holdBack(place: Joining): Promise<void> {
  const { zoneName, enabled } = place;
  if (!(await withZone(place, runsAlone))) return;
  if (enabled !== false) await withheld(place, "until its zone ingress serves");
  else if (await withGlobal(place, (global) => withhold(global, zoneName)))
    say(`zone ${zoneName}: it is disabled on the global before it joins, as the stack has it`);
}

/** A zone ingress of a member that is about to start, to start anew, or to go. */
export interface ChangingIngress {
  name: string;
  /** Other zones know it, and are given time to let go of it. */
  isKnown: boolean;
  goes: boolean;
}

/**
 * Has a zone ingress start, or go, while other zones know nothing of its zone, so that no call to what they have too goes there. Not so
 * where that would end calls that go on otherwise: those to services that only this zone has, through another ingress, or soon again.
 */
export async function whileIngressChanges<T>(
  place: Connections,
  { name, isKnown, goes }: ChangingIngress,
  change: () => Promise<T>,
): Promise<T> {
  const isToBe = async ({ ending, named }: CallsOfOthers) => {
    if (ending.length + named.length === 0) return true;
    const { all, waiting } = await withZone(place, (zone) => ingressesOf(zone, place.zoneName));
    return all.every((each) => waiting.includes(each) || (goes && each === name));
  };
  const until = goes ? "until its zone ingress is gone" : "until its zone ingress serves";
  const isWithheld = await withheld(place, until, { isToBe, waitMs: isKnown ? LET_GO_MS : 0 });
  if (!goes) return asMember(place, change);
  const changed = await change();
  if (isWithheld) {
    await withGlobal(place, (global) => untilIngressGone(global, place.zoneName, name));
    await giveAsItIs(place, "and its zone ingress is gone");
  }
  return changed;
}

/** Gives whether the zone was disabled. */
function withheld(
  place: Connections,
  until: string,
  more: Partial<Pick<Hiding, "isToBe" | "waitMs">> = {},
): Promise<boolean> {
  return hide((work) => withConnections(place, ({ zone, global }) => work(global, zone)), {
    ...{ zoneName: place.zoneName, until: "until-it-serves", waitMs: 0, tell: say, ...more },
    disabled: `${until}, so that no calls to what other zones have too go there meanwhile`,
    failed: `${until}, so that calls of other zones to what they have too may fail for some seconds`,
  });
}

/** Whether a member is to be given to other zones again. A global that does not answer tells it in the next run. */
export async function isHeldBack({ zoneName, global: place }: Pick<Connections, "zoneName" | "global">) {
  try {
    const until = await withGlobal({ global: place }, (global) => isWithheld(global, zoneName));
    if (until !== undefined)
      say(
        `zone ${zoneName}: it is still disabled on the global, ${WHY[until]}; as it is a member, up enables it again`,
      );
    return until !== undefined;
  } catch (error) {
    if (!isKumaError(error)) throw error;
    return false;
  }
}

const WHY: Record<Withheld, string> = {
  "until-it-serves": "until its zone ingress serves",
  "until-it-has-left": "as it was about to leave",
};

/** Has a zone become a member by `join`: one that was to leave is given to others before, one that joins once its ingress serves. */
export async function asMember<T>(
  place: Connections,
  join: () => Promise<T>,
  waits: IngressWaits = {},
): Promise<T> {
  const { zoneName } = place;
  if (await give(place, "until-it-has-left"))
    say(`zone ${zoneName}: it is enabled on the global again, as it stays`);
  const joined = await join();
  await giveOnceItServes(place, waits);
  return joined;
}

async function giveOnceItServes(place: Connections, waits: IngressWaits): Promise<void> {
  const { zoneName } = place;
  const held = await unlessNotShown(() => withGlobal(place, (global) => isWithheld(global, zoneName)));
  if (held !== "until-it-serves") return;
  const { all, waiting } = await withZone(place, (zone) => untilIngressesServe(zone, zoneName, waits));
  if (waiting.length > 0 && waiting.length === all.length)
    throw new KumaError(
      "gate",
      `Zone ${zoneName} has joined, and is left disabled on the global, as none of its zone ingresses serves after ${INGRESS_WITHIN_MS / 1_000} s (${enumerated(waiting)}): ` +
        `calls of other zones to what they have too would fail there. Look at the ingress and its log, and delete its ZoneIngress if it is gone for ever; then run it again.`,
    );
  if (waiting.length > 0)
    say(
      `warning: zone ${zoneName}: of its zone ingresses these do not serve after ${INGRESS_WITHIN_MS / 1_000} s: ${enumerated(waiting)}. Calls of other zones that go there fail.`,
    );
  await giveAsItIs(place, all.length > 0 ? "as its zone ingress serves" : "and has no zone ingress");
}

async function giveAsItIs(place: Connections, why: string): Promise<void> {
  if (await give(place, "until-it-serves"))
    say(`zone ${place.zoneName}: it is enabled on the global, ${why}`);
}

async function give(place: Connections, until: Withheld): Promise<boolean> {
  const given = await unlessNotShown(() =>
    withGlobal(place, (global) => giveAgain(global, place.zoneName, until)),
  );
  return given === true;
}

/** A global that does not show Zones has none withheld. */
async function unlessNotShown<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (!isKumaError(error, "refused", "forbidden")) throw error;
    return undefined;
  }
}
