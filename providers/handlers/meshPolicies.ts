import {
  Resource,
  StoredDigests,
  deleteResources,
  isKumaError,
  parseKey,
  readDigests,
  writeResources,
} from "../../kuma";
import { GlobalConnection, withGlobal } from "../connections";
import { Handler, changedInputs } from "../handler";

interface Inputs extends GlobalConnection {
  /** In Kuma's universal form. */
  policies: Resource[];
}

interface Outputs extends Inputs {
  stored: StoredDigests;
}

/** Policies of the stack on the global; KDS takes them to the zones. */
export const meshPolicies: Handler<Inputs, Outputs> = {
  async diff(_, olds, news) {
    if (changedInputs(olds, news).includes("policies")) return { changes: true };
    try {
      const stored = await withGlobal(news, (global) =>
        readDigests(global, Object.keys(olds.stored).map(parseKey)),
      );
      return { changes: Object.entries(olds.stored).some(([key, digest]) => stored[key] !== digest) };
    } catch (error) {
      // the control plane is away: what brings it back comes first, then the policies are written again
      if (isKumaError(error)) return { changes: true };
      throw error;
    }
  },

  create: (inputs) =>
    withGlobal(inputs, async (global) => ({
      id: inputs.globalUrl,
      outs: { ...inputs, stored: await writeResources(global, inputs.policies) },
    })),

  update: (_, olds, news) =>
    withGlobal(news, async (global) => {
      const stored = await writeResources(global, news.policies);
      const dropped = Object.keys(olds.stored).filter((key) => stored[key] === undefined);
      await deleteResources(global, dropped.map(parseKey));
      return { ...news, stored };
    }),

  delete: (_, { stored, ...connection }) =>
    withGlobal(connection, (global) => deleteResources(global, Object.keys(stored).map(parseKey))),
};
