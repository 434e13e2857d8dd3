import { KumaError } from "../../kuma";
import { ClusterReference, KubernetesCluster } from "../../platforms/kubernetes/cluster";
import {
  Values,
  assertUpgradable,
  readRelease,
  standaloneValues,
} from "../../platforms/kubernetes/helmRelease";
import { Handler, changedInputs } from "../handler";

interface Inputs extends ClusterReference {
  zoneName: string;
  namespace: string;
  release: string;
  /** Under which the values of Kuma's chart stand, in an umbrella chart. */
  valuesKey?: string;
  /** The stack says which chart it is to be, so that another one that is found later is its own doing. */
  isChartChosen: boolean;
  /**
   * Secret: the values that were set, without those of the federation. Filled in by `check`; the program gives an empty
   * secret, and what takes its place is kept as one.
   */
  values: Values;
  /** Filled in by `check`: as they were found, and as somebody else upgrades the release. */
  chartName?: string;
  chartVersion?: string;
}

/** Looks at the release with which a zone was installed; changes nothing. What was set before is the way back. */
export const kubernetesRelease: Handler<Inputs, Inputs> = {
  async check(olds, news) {
    const { zoneName, namespace, release: name, valuesKey } = news;
    const cluster = await KubernetesCluster.load(news);
    try {
      const release = await readRelease(cluster, namespace, name);
      if (!release) {
        throw new KumaError(
          "notFound",
          `There is no Helm release ${name} in namespace ${namespace} of the cluster of context ${news.context}, so zone ${zoneName} cannot be adopted. Nothing was changed. ` +
            `Give the names of the zone's release with the settings namespace and release, or set install: helm for a new zone.`,
        );
      }
      assertUpgradable(release, name, namespace);
      const isOwnDoing = news.isChartChosen && olds.chartVersion !== undefined;
      const { chartName, chartVersion } = isOwnDoing ? olds : release;
      const before = olds.values;
      const values = before ? standaloneValues(release.values, before, valuesKey) : release.values;
      return { ...news, values, chartName, chartVersion };
    } finally {
      cluster.close();
    }
  },
  diff: async (_, olds, news) => ({ changes: changedInputs(olds, news).length > 0 }),
  create: async (inputs) => ({ id: `${inputs.namespace}/${inputs.release}`, outs: inputs }),
  update: async (_, __, news) => news,
  delete: async () => {},
};
