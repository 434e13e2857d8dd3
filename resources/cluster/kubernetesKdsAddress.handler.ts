import { loadBalancerHost, untilLoadBalancerHost } from "../../platforms/kubernetes/loadBalancer";
import { isClusterKnown } from "../connections";
import { changedInputs } from "../provider/handler";
import type { HandlerOf, InputsOf, StateOf } from "../provider/resource";
import type { KubernetesKdsAddress } from "./kubernetesKdsAddress";
import { leftOpen } from "../options/planRun";

type Inputs = InputsOf<typeof KubernetesKdsAddress>;
type Outputs = StateOf<typeof KubernetesKdsAddress>;

/** The host of the KDS address: that of the Service's load balancer, once it has one. */
export const kubernetesKdsAddress: HandlerOf<typeof KubernetesKdsAddress> = {
  async check(_, news) {
    if (news.fixedHost === undefined && !isClusterKnown(news)) return { ...news, ...leftOpen("host") };
    const host = news.fixedHost ?? (await loadBalancerHost(news));
    return host === undefined ? { ...news, ...leftOpen("host") } : { ...news, host };
  },
  diff: async (_, olds, news) => ({ changes: changedInputs(olds, news).length > 0 }),
  create: async (inputs) => ({ id: `${inputs.namespace}/${inputs.service}`, outs: await resolve(inputs) }),
  update: (_, __, news) => resolve(news),
  delete: async () => {},
};

async function resolve(inputs: Inputs): Promise<Outputs> {
  return { ...inputs, host: inputs.host ?? (await untilLoadBalancerHost(inputs, inputs.timeout)) };
}
