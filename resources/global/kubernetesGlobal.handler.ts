import { KumaError, assertSupported, isKumaError } from "../../kuma";
import { GlobalConnection, withGlobal } from "../connections";
import { changedInputs } from "../provider/handler";
import type { HandlerOf, InputsOf, StateOf } from "../provider/resource";
import type { KubernetesGlobal } from "./kubernetesGlobal";
import { until } from "../../kuma/until";
import { leftOpen } from "../options/planRun";

type Inputs = InputsOf<typeof KubernetesGlobal>;
type Outputs = StateOf<typeof KubernetesGlobal>;

/** Milliseconds for a control plane that Helm has installed to answer with its admin token at hand. */
const SERVING_DEADLINE_MS = 120_000;

const IF_UNINSTALLED =
  "If somebody has uninstalled it, a refresh has the stack forget what is gone, and the next up installs it again.";

/** A global control plane in a cluster, serving. */
export const kubernetesGlobal: HandlerOf<typeof KubernetesGlobal> = {
  async check(_, news) {
    try {
      return { ...news, ...(await look(news)) };
    } catch (error) {
      // not installed yet, or just being upgraded
      if (isKumaError(error, "unreachable")) return { ...news, ...leftOpen("product", "version") };
      throw error;
    }
  },
  diff: async (_, olds, news) => ({ changes: changedInputs(olds, news).length > 0 }),
  create: async (inputs) => ({ id: inputs.global.url, outs: await untilServing(inputs) }),
  update: (_, __, news) => untilServing(news),
  delete: async () => {},
};

async function untilServing(inputs: Inputs): Promise<Outputs> {
  const seen = async () => {
    try {
      return { found: await look(inputs) };
    } catch (error) {
      if (!isKumaError(error, "unreachable", "forbidden", "unauthenticated")) throw error;
      return { error };
    }
  };
  const { found, error } = await until(seen, {
    deadlineMs: SERVING_DEADLINE_MS,
    everyMs: 1_000,
    isThere: (now) => now.found !== undefined,
  });
  if (error) throw new KumaError(error.code, `${error.message} ${IF_UNINSTALLED}`);
  return { ...inputs, ...found };
}

function look(connection: GlobalConnection): Promise<{ product: string; version: string }> {
  return withGlobal(connection, async (global) => {
    const info = await global.info();
    assertSupported(global, info);
    const { mode } = await global.config();
    if (mode !== "global") {
      throw new KumaError(
        "invalid",
        "The control plane that is to be the global is a zone. Nothing was changed.",
      );
    }
    // shows that the admin token is there and serves
    const secrets = (await global.resourceTypes()).find(({ name }) => name === "GlobalSecret");
    if (secrets) await global.list(secrets);
    return { product: info.product, version: info.version };
  });
}
