import { unpackSnapshot } from "../../kuma";
import { leaveGlobal } from "../../platforms/kubernetes/zoneFederation";
import { Connections, withConnections } from "../connections";
import { Handler, changedInputs } from "../handler";

interface Inputs extends Connections {
  /** Secret: what the zone held before. */
  snapshot: string;
}

/**
 * The way back of a zone in a cluster, whose release has got its former values by then. It is in the state before the
 * zone is switched, so that a switch that fails or is killed can be undone as well.
 */
export const kubernetesWayBack: Handler<Inputs, Inputs> = {
  diff: async (_, olds, news) => ({ changes: changedInputs(olds, news).length > 0 }),
  create: async (inputs) => ({ id: inputs.zoneName, outs: inputs }),
  update: async (_, __, news) => news,
  delete: (_, { snapshot, ...connections }) =>
    withConnections(connections, (zone, global) =>
      leaveGlobal(zone, global, connections.zoneName, unpackSnapshot(snapshot)),
    ),
};
