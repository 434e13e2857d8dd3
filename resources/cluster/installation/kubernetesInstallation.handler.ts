import { KumaError } from "../../../kuma";
import {
  HelmRelease,
  endOperation,
  isPending,
  readRelease,
} from "../../../platforms/kubernetes/helm/helmRelease";
import { withCluster } from "../../../platforms/kubernetes/withCluster";
import { isClusterKnown } from "../../connections";
import { changedInputs } from "../../provider/handler";
import { releaseOfOthers, tellObstacles } from "../obstacles";
import { say } from "../../provider/say";
import type { HandlerOf, InputsOf } from "../../provider/resource";
import type { KubernetesInstallation } from "./kubernetesInstallation";

type Inputs = InputsOf<typeof KubernetesInstallation>;

/**
 * What comes before a release that the stack installs. Helm does nothing with a release while one of its operations has
 * not ended, and those of a run that was killed never end by themselves. No other run of the stack can be under way, as
 * the engine locks the stack.
 */
export const kubernetesInstallation: HandlerOf<typeof KubernetesInstallation> = {
  async check(olds, news) {
    if (!isClusterKnown(news)) return news;
    const found = await look(news);
    const isOfOthers = found !== undefined && olds.release === undefined && !isPending(found);
    tellObstacles(isOfOthers ? [releaseOfOthers(news.context, news.namespace, news.release)] : [], news);
    if (!found || !isPending(found)) return news;
    const { revision, status } = found;
    say(`${named(news)}: its operation ${status} was cut short by the end of a run, and is made again`);
    return { ...news, open: { revision, status } };
  },

  diff: async (_, olds, news) => ({ changes: changedInputs(olds, news).length > 0 }),

  create: async (inputs) => ({
    id: `${inputs.namespace}/${inputs.release}`,
    outs: await withoutOpen(inputs),
  }),

  update: (_, __, news) => withoutOpen(news),

  // the release itself is deleted before
  async delete(_, inputs) {
    if ((await look(inputs)) === undefined) return;
    const { context, namespace, release } = inputs;
    throw new KumaError(
      "refused",
      `${named(inputs)} was not uninstalled: the run that installed it was killed, so that the stack does not know it. ` +
        `Run up, which goes on with it, and then destroy; or "helm uninstall ${release} -n ${namespace} --kube-context ${context}".`,
    );
  },
};

function named({ context, namespace, release }: Inputs): string {
  return `Release ${release} in namespace ${namespace} of the cluster of context ${context}`;
}

function look(inputs: Inputs): Promise<HelmRelease | undefined> {
  return withCluster(inputs, (cluster) => readRelease(cluster, inputs.namespace, inputs.release));
}

async function withoutOpen({ open, ...inputs }: Inputs): Promise<Inputs> {
  if (open) {
    await withCluster(inputs, (cluster) =>
      endOperation(cluster, inputs.namespace, inputs.release, open.revision),
    );
  }
  return inputs;
}
