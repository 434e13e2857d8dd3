import { unpackSnapshot } from "../../kuma";
import { beginReturn, endReturn } from "../../platforms/kubernetes/return";
import { leaveGlobal } from "../../platforms/kubernetes/zoneFederation";
import { Connections, withConnections } from "../connections";
import { Handler, changedInputs } from "../handler";
import { isRecordStale, recordWhileAlone, tellWhatWillDiffer, witness } from "../ledgers";

interface Inputs extends Connections {
  /** Where a way back notes how far it has come, relative to the program's directory. */
  directory: string;
  /** Secret: what the zone held before. */
  snapshot: string;
}

interface Outputs extends Inputs {
  /** Secret: everything that the zone's API showed before the switch, see kuma/ledger. */
  before?: string;
}

/**
 * The way back of a zone in a cluster, whose release has got its former values by then. It is in the state before the
 * zone is switched, so that a switch that fails or is killed can be undone as well.
 */
export const kubernetesWayBack: Handler<Inputs, Outputs> = {
  async check(_, news) {
    await tellWhatWillDiffer(news);
    return news;
  },

  diff: async (_, olds, news) => ({
    changes: changedInputs(olds, news).length > 0 || (await isRecordStale(news, olds.before)),
  }),

  create: async (inputs) => ({
    id: inputs.zoneName,
    outs: { ...inputs, before: await recordWhileAlone(inputs, undefined) },
  }),

  update: async (_, { before }, news) => ({ ...news, before: await recordWhileAlone(news, before) }),

  delete: (_, { snapshot, before, directory, ...connections }) =>
    withConnections(connections, async (zone, global) => {
      const { zoneName } = connections;
      // its store outlives the way back, and what it owns there is not touched
      const leaving = await beginReturn(directory, zone, global, zoneName);
      await leaveGlobal(zone, global, zoneName, unpackSnapshot(snapshot));
      await witness("back", zone, zoneName, before, { leaving });
      endReturn(directory);
    }),
};
