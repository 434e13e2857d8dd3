import {
  KumaError,
  adminTokenOf,
  enumerated,
  isHostedApi,
  isKumaError,
  recordOf,
  removeFromGlobal,
} from "../../kuma";
import { Connections, asTheyRun, tokensForGlobal, withGlobal, withZone } from "../connections";
import { ChangedInput, changedInputs, isKnown } from "../provider/handler";
import { isPreflight } from "../options/preflightMode";
import { mayBeAway, noteFollowers, planTogether } from "./followers";
import { withFederation } from "./prospects";
import { globalGoes, onUndoNow } from "../options/undoMode";
import { say } from "../provider/say";
import type { HandlerOf, InputsOf } from "../provider/resource";
import type { FollowerArgs } from "./federationArgs";
import type { GlobalWayBack } from "./globalWayBack";
import { leftOpen } from "../options/planRun";
import { plural } from "../../kuma/plural";

type Inputs = InputsOf<typeof GlobalWayBack>;

const ONLY_LOOKED_AT: ChangedInput<Inputs>[] = ["followers", "handsOver", "switchedWith"];

/**
 * The way back of the global. It is in the state before anything is written there, and writes nothing itself: so a
 * federation that ends anywhere can be taken back as well. Deleted, after the zone has left, it takes off the global what
 * was brought there, if the stack asks for that.
 */
export const globalWayBack: HandlerOf<typeof GlobalWayBack> = {
  async check(olds, news) {
    const isSameGlobal = olds.global?.url === news.global.url || !isKnown(news.global.url);
    const before = isSameGlobal ? olds.brought : undefined;
    const kept = { ...news, ...(news.followers && { followers: news.followers.map(whereOnly) }) };
    const unchanged = { ...kept, ...(before && { brought: before }) };
    if (isPreflight()) return unchanged;
    noteFollowers(news, olds);
    const open = { ...unchanged, ...leftOpen("brought") };
    if (!isKnown(news.zone.url)) return open;
    if (!isSameGlobal && olds.brought && Object.keys(olds.brought.added).length > 0)
      say(`zone ${news.zoneName}: what it brought to its former global stays there`);
    try {
      return await withFederation(await asTheyRun(news, olds), olds.kdsAddress, async (federation) => {
        const prospect = await planTogether(news, olds, federation);
        if (!prospect) return unchanged;
        const { global, zoneName } = federation;
        const brought = await recordOf(prospect.plan, global, zoneName, before, news.switchedWith);
        return { ...kept, brought };
      });
    } catch (error) {
      // told by the resource that carries
      if (mayBeAway(news) && isKumaError(error, "unreachable")) return open;
      throw error;
    }
  },

  // tokens too: what is deleted is deleted with those of the state. Zones that follow are looked at, and nothing else
  diff: async (_, olds, news) => ({
    changes: !isPreflight() && changedInputs(olds, news).some((name) => !ONLY_LOOKED_AT.includes(name)),
  }),

  create: async (inputs) => ({ id: inputs.zoneName, outs: inputs }),

  update: async (_, __, news) => news,

  async delete(_, { brought, onUndo, ...connections }) {
    const { zoneName } = connections;
    const count = Object.keys(brought?.added ?? {}).length;
    if (!brought || count === 0) return;
    if (globalGoes()) {
      say(
        `zone ${zoneName}: the ${count} resources that it brought go with the global, which the stack made`,
      );
      return;
    }
    if (onUndoNow(onUndo) !== "removeFromGlobal") {
      say(`zone ${zoneName}: the ${count} resources that it brought stay on the global`);
      return;
    }
    try {
      const tokens = [...tokensForGlobal(connections), ...(await adminTokensOf(connections))];
      await withGlobal({ global: { ...connections.global, tokens } }, async (global) => {
        const { removed, left } = await removeFromGlobal(global, zoneName, brought);
        say(`zone ${zoneName}: ${plural(removed.length, "resource")} that it brought, taken off the global`);
        for (const { keys, reason } of left)
          say(`zone ${zoneName}: left on the global: ${enumerated(keys)} (${reason})`);
      });
    } catch (error) {
      if (!isKumaError(error)) throw error;
      throw new KumaError(
        error.code,
        `What zone ${zoneName} brought to its global was not taken off it, or not all of it: ${error.message} ` +
          `The zone needs nothing of it. Run it again once that is fixed, or set onUndo to keepOnGlobal to leave it there.`,
      );
    }
  },
};

/**
 * What is kept of a zone that joins later: where it was. How it is reached is kept by its own resources, and not again by those of
 * all zones before it.
 */
function whereOnly({ zoneName, zone: { url }, zoneStarted }: FollowerArgs): FollowerArgs {
  return { zoneName, zone: { url }, zoneStarted };
}

/** With the zone's signing keys the global accepts the zone's admin token, and its own no longer. */
async function adminTokensOf(connections: Connections): Promise<string[]> {
  if (isHostedApi(connections.global.url)) return [];
  try {
    const token = await withZone(connections, adminTokenOf);
    return token === undefined ? [] : [token];
  } catch (error) {
    if (!isKumaError(error)) throw error;
    // perhaps the others serve
    return [];
  }
}
