import { assertSupported } from "../../kuma";
import { GlobalConnection, withGlobal } from "../connections";
import { Handler, changedInputs } from "../handler";
import { isPreflight } from "../preflightMode";

interface Inputs extends GlobalConnection {
  /** Filled in by `check`, so that they are known in previews. */
  product?: string;
  version?: string;
}

/** Looks at a global that others run; makes and changes nothing. */
export const existingGlobal: Handler<Inputs, Inputs> = {
  async check(_, news) {
    // told by the checks of each zone
    if (isPreflight()) return { ...news, product: "unknown", version: "unknown" };
    return withGlobal(news, async (global) => {
      const info = await global.info();
      assertSupported(global, info);
      return { ...news, product: info.product, version: info.version };
    });
  },
  diff: async (_, olds, news) => ({ changes: changedInputs(olds, news).length > 0 }),
  create: async (inputs) => ({ id: inputs.globalUrl, outs: inputs }),
  update: async (_, __, news) => news,
  delete: async () => {},
};
