import { KumaError, forgetZone, zoneState } from "../../kuma";
import { withGlobal } from "../connections";
import { globalGoes } from "../options/undoMode";
import { changedInputs } from "../provider/handler";
import type { HandlerOf } from "../provider/resource";
import type { ZoneRegistration } from "./zoneRegistration";

/** The name of a zone that is yet to be installed. It is free when this is made, and given back when the zone is gone. */
export const zoneRegistration: HandlerOf<typeof ZoneRegistration> = {
  diff: async (_, olds, news) => ({
    changes: changedInputs(olds, news).length > 0,
    replaces: olds.zoneName === news.zoneName ? [] : ["zoneName"],
  }),
  create: (inputs) =>
    withGlobal(inputs, async (global) => {
      const { zoneName } = inputs;
      if ((await zoneState(global, zoneName)).online) {
        throw new KumaError(
          "conflict",
          `A zone ${zoneName} is online on the global control plane already; a second one of that name would take its resources away. Nothing was changed. ` +
            `Give the new zone another name.`,
        );
      }
      return { id: zoneName, outs: inputs };
    }),
  update: async (_, __, news) => news,
  delete: (_, { zoneName, ...connection }) =>
    withGlobal(connection, (global) => forgetZone({ global, zoneName }, globalGoes())),
};
