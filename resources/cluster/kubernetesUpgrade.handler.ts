import { canonicalJson } from "../../kuma";
import { kdsAddressOf } from "../../platforms/kubernetes/helm/federationValues";
import { HelmRelease, readRelease } from "../../platforms/kubernetes/helm/helmRelease";
import { withCluster } from "../../platforms/kubernetes/withCluster";
import { isClusterKnown } from "../connections";
import { changedInputs, isKnown } from "../provider/handler";
import { say } from "../provider/say";
import type { HandlerOf, InputsOf } from "../provider/resource";
import type { KubernetesUpgrade } from "./kubernetesUpgrade";

type Inputs = InputsOf<typeof KubernetesUpgrade>;

/**
 * What Pulumi is to give an adopted release. Pulumi compares that with what it gave the last time, and not with what is
 * there. So a release that somebody else has upgraded, to just what the stack wants, is given the same as the last time:
 * otherwise Pulumi would upgrade it once more, which restarts the control plane and makes it new certificates. And one that
 * was taken back past Pulumi is given a description of its own, as Pulumi would see nothing to do otherwise.
 */
export const kubernetesUpgrade: HandlerOf<typeof KubernetesUpgrade, "description"> = {
  async check({ values: given, chartVersion, description = "" }, inputs) {
    const news = { ...inputs, description };
    const { values: wanted, zoneName, valuesKey } = news;
    // by the first run the release is taken over as it is, and changed
    if (!isKnown(wanted) || given === undefined || !isClusterKnown(news)) return news;
    const live = await withCluster(news, (cluster) => readRelease(cluster, news.namespace, news.release));
    if (live?.status !== "deployed") return news;
    if (isSame(live, news))
      return { ...news, values: given, ...(chartVersion !== undefined && { chartVersion }) };
    const isAsGiven = canonicalJson(wanted) === canonicalJson(given);
    if (!isAsGiven || kdsAddressOf(live.values, valuesKey) === kdsAddressOf(wanted, valuesKey)) return news;
    say(
      `zone ${zoneName}: revision ${live.revision} of its release does not make it what the stack wants, and is upgraded`,
    );
    return {
      ...news,
      description: `After revision ${live.revision}, which was another one than the stack's`,
    };
  },
  diff: async (_, olds, news) => ({ changes: changedInputs(olds, news).length > 0 }),
  create: async (inputs) => ({ id: `${inputs.namespace}/${inputs.release}`, outs: inputs }),
  update: async (_, __, news) => news,
  delete: async () => {},
  // a refresh of the release itself takes over what is there, so that it is given this from then on
  async read(_, props) {
    const live = await withCluster(props, (cluster) => readRelease(cluster, props.namespace, props.release));
    const found = live ? { ...props, values: live.values, chartVersion: live.chartVersion } : props;
    return { props: found, inputs: found };
  },
};

function isSame({ values, chartVersion }: HelmRelease, news: Inputs): boolean {
  const isVersion = news.chartVersion === undefined || news.chartVersion === chartVersion;
  return isVersion && canonicalJson(values) === canonicalJson(news.values);
}
