import {
  INGRESS_WITHIN_MS,
  type IngressWaits,
  KumaError,
  type Withheld,
  callsOfOthers,
  enumerated,
  federatedTo,
  giveAgain,
  isKumaError,
  isWithheld,
  listedServices,
  untilIngressesServe,
  withhold,
} from "../../kuma";
import { pause } from "../../kuma/until";
import { type Connections, withConnections, withGlobal, withZone } from "../connections";
import { say } from "../provider/say";

/** Before a zone that runs alone joins. It does nothing to one that is a member. */
export async function holdBackAlone(place: Connections): Promise<void> {
  const isAlone = await withZone(place, async (zone) => federatedTo(await zone.config()) === undefined);
  if (isAlone) await holdBack(place);
}

/**
 * Before the zone ingress of a zone comes up: other zones hear of it seconds before it has its routes (docs/zones.md), and calls to
 * what they have too would fail there. They know nothing of the zone until `asMember` has seen it serve. `waitMs` are milliseconds for
 * them to let go of an ingress that they know. Whoever cannot be told keeps no zone from joining.
 */
export async function holdBack(place: Connections, waitMs = 0): Promise<void> {
  const { zoneName } = place;
  try {
    await withConnections(place, async ({ zone, global }) => {
      const { moving } = await callsOfOthers(global, zoneName, zone);
      if (moving.length === 0 || !(await withhold(global, zoneName, "until-it-serves"))) return;
      say(
        `zone ${zoneName}: it is disabled on the global until its zone ingress serves, so that no calls to what other zones have too go there before (${listedServices(moving)})`,
      );
      await pause(waitMs, global.address.signal);
    });
  } catch (error) {
    if (!isKumaError(error) || error.code === "cancelled") throw error;
    say(
      `warning: zone ${zoneName}: it could not be disabled on the global until its zone ingress serves, so that calls of other zones to what they have too may fail for some seconds. ${error.message}`,
    );
  }
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
  if (await give(place, "until-it-serves"))
    say(
      `zone ${zoneName}: it is enabled on the global, ${all.length > 0 ? "as its zone ingress serves" : "and has no zone ingress"}`,
    );
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
