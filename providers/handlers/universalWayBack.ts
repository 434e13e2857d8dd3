import { unpackSnapshot } from "../../kuma";
import { ControlPlaneProcess } from "../../platforms/universal/controlPlaneProcess";
import { leaveGlobal } from "../../platforms/universal/zoneReturn";
import { Connections, withConnections } from "../connections";
import { Handler, changedInputs } from "../handler";

interface Inputs extends Connections {
  /** Where the zone's process lies, relative to the program's directory. */
  directory: string;
  /** Secret: what the zone held before. */
  snapshot: string;
}

/**
 * The way back of a zone. It is in the state before the zone is switched, so that a switch that fails or is killed can
 * be undone as well: the deletion of this resource takes the zone back.
 */
export const universalWayBack: Handler<Inputs, Inputs> = {
  diff: async (_, olds, news) => ({ changes: changedInputs(olds, news).length > 0 }),
  create: async (inputs) => ({ id: inputs.zoneName, outs: inputs }),
  update: async (_, __, news) => news,
  delete: (_, { zoneName, directory, snapshot, ...connections }) =>
    withConnections({ zoneName, ...connections }, (zone, global) =>
      leaveGlobal(zoneName, zone, new ControlPlaneProcess(directory), global, unpackSnapshot(snapshot)),
    ),
};
