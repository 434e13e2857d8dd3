import { unpackSnapshot } from "../../../kuma";
import { beginReturn, endReturn } from "../../../platforms/kubernetes/return";
import { leaveGlobal } from "../../../platforms/kubernetes/zoneFederation";
import { withConnections } from "../../connections";
import { changedInputs } from "../../provider/handler";
import { globalGoes } from "../../options/undoMode";
import { tellWhatWillDiffer, witness } from "../../ledgers";
import type { HandlerOf } from "../../provider/resource";
import { beforeSwitch, isToJoin } from "../withheld";
import type { KubernetesWayBack } from "./kubernetesWayBack";

/**
 * The way back of a zone in a cluster, whose release has got its former values by then. It is in the state before the
 * zone is switched, so that a switch that fails or is killed can be undone as well.
 */
export const kubernetesWayBack: HandlerOf<typeof KubernetesWayBack> = {
  async check(_, news) {
    await tellWhatWillDiffer(news);
    return news;
  },

  diff: async (_, olds, news) => ({
    changes: changedInputs(olds, news).some((name) => name !== "enabled") || (await isToJoin(news)),
  }),

  create: async (inputs) => ({
    id: inputs.zoneName,
    outs: { ...inputs, before: await beforeSwitch(inputs, undefined) },
  }),

  update: async (_, { before }, news) => ({ ...news, before: await beforeSwitch(news, before) }),

  delete: (_, { snapshot, before, directory, ...connections }) =>
    withConnections(connections, async (sides) => {
      const { zone, zoneName } = sides;
      // its store outlives the way back, and what it owns there is not touched
      const leaving = await beginReturn(directory, sides);
      await leaveGlobal(sides, unpackSnapshot(snapshot), { globalGoes: globalGoes() });
      await witness("back", zone, zoneName, before, { leaving });
      endReturn(directory);
    }),
};
