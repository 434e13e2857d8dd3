import {
  KumaError,
  Manifest,
  OnUndo,
  addedBy,
  adminTokenOf,
  enumerated,
  isKumaError,
  removeFromGlobal,
} from "../../kuma";
import { withConnections } from "../connections";
import { Handler, changedInputs, isKnown } from "../handler";
import { isPreflight } from "../preflightMode";
import { FederationInputs, prospectOf, withFederation } from "../prospects";
import { onUndoNow } from "../undoMode";

interface Inputs extends FederationInputs {
  onUndo: OnUndo;
  /** Zones of the stack that join before this one. */
  joinedBefore: string[];
  /** What the global did not have before, with the digest of its content. Filled in by `check`, so that previews show it. */
  added?: Manifest;
}

/**
 * The way back of the global. It is in the state before anything is written there, and writes nothing itself: so a
 * federation that ends anywhere can be taken back as well. Deleted, after the zone has left, it takes off the global what
 * was brought there, if the stack asks for that.
 */
export const globalWayBack: Handler<Inputs, Inputs> = {
  async check(olds, news) {
    const before = olds.added ?? {};
    if (isPreflight() || !isKnown(news.zoneUrl)) return { ...news, added: before };
    try {
      const prospect = await withFederation(news, olds.kdsAddress, prospectOf);
      return { ...news, added: { ...before, ...(prospect && addedBy(prospect.plan)) } };
    } catch (error) {
      // told by the resource that carries
      if (!isKnown(news.zoneStarted) && isKumaError(error, "unreachable")) return { ...news, added: before };
      throw error;
    }
  },

  diff: async (_, olds, news) => {
    const changed = changedInputs(olds, news).filter((name) => !CREDENTIALS.has(name));
    return { changes: !isPreflight() && changed.length > 0 };
  },

  create: async (inputs) => ({ id: inputs.zoneName, outs: inputs }),

  update: async (_, __, news) => news,

  async delete(_, { added = {}, zoneName, joinedBefore, onUndo, ...connections }) {
    const count = Object.keys(added).length;
    if (count === 0) return;
    if (onUndoNow(onUndo) === "keepOnGlobal") {
      console.log(`zone ${zoneName}: the ${count} resources that it brought stay on the global`);
      return;
    }
    try {
      await withConnections({ zoneName, ...connections }, async (zone, global) => {
        // with the zone's signing keys the global accepts the zone's token, and its own no longer
        const token = await adminTokenOf(zone);
        if (token !== undefined) global.offerToken(token);
        const { removed, left } = await removeFromGlobal(global, { zoneName, added, joinedBefore });
        console.log(
          `zone ${zoneName}: ${removed.length} resources that it brought were taken off the global`,
        );
        for (const { keys, reason } of left)
          console.log(`zone ${zoneName}: left on the global: ${enumerated(keys)} (${reason})`);
      });
    } catch (error) {
      if (!isKumaError(error, "unreachable")) throw error;
      throw new KumaError(
        "unreachable",
        `Zone ${zoneName} has left its global, but what it brought there was not taken off, or not all of it: ${error.message} ` +
          `Run it again once both control planes run, or set onUndo to keepOnGlobal to leave it there.`,
      );
    }
  },
};

/** A change of these alone does not change what there is to take back. */
const CREDENTIALS = new Set<string>(["zoneTokens", "globalTokens", "globalVersion"]);
