import { ClusterReference } from "../../platforms/kubernetes/cluster";
import { loadBalancerHost, untilLoadBalancerHost } from "../../platforms/kubernetes/loadBalancer";
import { Handler, changedInputs } from "../handler";

interface Inputs extends ClusterReference {
  namespace: string;
  service: string;
  /** What zones dial instead of the load balancer's address. */
  fixedHost?: string;
  /** Seconds to wait for the load balancer. */
  timeout: number;
  /** What zones dial. Filled in by `check` as soon as it is there, so that previews show it. */
  host?: string;
}

interface Outputs extends Inputs {
  host: string;
}

/** The host of the KDS address: that of the Service's load balancer, once it has one. */
export const kubernetesKdsAddress: Handler<Inputs, Outputs> = {
  async check(_, news) {
    const host = news.fixedHost ?? (await loadBalancerHost(news));
    return host === undefined ? news : { ...news, host };
  },
  diff: async (_, olds, news) => ({ changes: changedInputs(olds, news).length > 0 }),
  create: async (inputs) => ({ id: `${inputs.namespace}/${inputs.service}`, outs: await resolve(inputs) }),
  update: (_, __, news) => resolve(news),
  delete: async () => {},
};

async function resolve(inputs: Inputs): Promise<Outputs> {
  return { ...inputs, host: inputs.host ?? (await untilLoadBalancerHost(inputs, inputs.timeout)) };
}
