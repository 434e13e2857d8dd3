import { assertSupported } from "../../kuma";
import { withGlobal } from "../connections";
import { changedInputs } from "../provider/handler";
import { isPreflight } from "../options/preflightMode";
import type { HandlerOf } from "../provider/resource";
import type { ExistingGlobal } from "./existingGlobal";

/** Looks at a global that others run; makes and changes nothing. */
export const existingGlobal: HandlerOf<typeof ExistingGlobal, "product" | "version"> = {
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
  create: async (inputs) => ({ id: inputs.global.url, outs: inputs }),
  update: async (_, __, news) => news,
  delete: async () => {},
};
