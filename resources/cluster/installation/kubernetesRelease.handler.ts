import { KumaError } from "../../../kuma";
import type { KubernetesCluster } from "../../../platforms/kubernetes/cluster";
import { standaloneValues } from "../../../platforms/kubernetes/helm/federationValues";
import {
  assertUpgradable,
  endOperation,
  isCutShort,
  readRelease,
} from "../../../platforms/kubernetes/helm/helmRelease";
import { controlPlaneService } from "../../../platforms/kubernetes/products";
import { nameOf, readObject } from "../../../platforms/kubernetes/stackObjects";
import { withCluster } from "../../../platforms/kubernetes/withCluster";
import { isClusterKnown } from "../../connections";
import { UNKNOWN, changedInputs } from "../../provider/handler";
import { say } from "../../provider/say";
import type { HandlerOf, InputsOf } from "../../provider/resource";
import type { KubernetesRelease } from "./kubernetesRelease";

type Inputs = InputsOf<typeof KubernetesRelease>;
type Checked = InputsOf<typeof KubernetesRelease, "chartName" | "chartVersion">;

/**
 * Looks at the release with which a zone was installed, and changes nothing but the note of an upgrade of this program that
 * was cut short. What was set before is the way back.
 */
export const kubernetesRelease: HandlerOf<typeof KubernetesRelease, "chartName" | "chartVersion"> = {
  async check(olds, news): Promise<Checked> {
    const { zoneName, namespace, release: name, valuesKey } = news;
    if (!isClusterKnown(news))
      return { ...news, values: UNKNOWN as never, chartName: UNKNOWN, chartVersion: UNKNOWN };
    const release = await withCluster(news, async (cluster) => {
      const found = await readRelease(cluster, namespace, name);
      if (!found) throw await notAdoptable(cluster, news);
      return found;
    });
    const isCut = isCutShort(release, news);
    if (!isCut) assertUpgradable(release, name, namespace);
    else
      say(`zone ${zoneName}: an upgrade of its release was cut short by the end of a run, and is made again`);
    // another chart that is found later was installed by this stack
    const { chartName, chartVersion } = news.isChartChosen && isRecorded(olds) ? olds : release;
    const before = olds.values;
    const live = (isCut && release.former ? release.former : release).values;
    const values = before ? standaloneValues(live, before, valuesKey) : live;
    return { ...news, values, chartName, chartVersion, ...(isCut && { cutShort: release.revision }) };
  },
  diff: async (_, olds, news) => ({ changes: changedInputs(olds, news).length > 0 }),
  create: async (inputs) => ({
    id: `${inputs.namespace}/${inputs.release}`,
    outs: await withoutCutShort(inputs),
  }),
  update: (_, __, news) => withoutCutShort(news),
  delete: async () => {},
};

function isRecorded(olds: Partial<Checked>): olds is Pick<Checked, "chartName" | "chartVersion"> {
  return olds.chartName !== undefined && olds.chartVersion !== undefined;
}

/** Helm upgrades nothing while an operation has not ended. */
async function withoutCutShort({ cutShort, ...inputs }: Checked): Promise<Checked> {
  if (cutShort !== undefined) {
    await withCluster(inputs, (cluster) => endOperation(cluster, inputs.namespace, inputs.release, cutShort));
  }
  return inputs;
}

/**
 * A zone that runs, and that Helm has not installed, would be in the way of one that the stack installs: that is only
 * named where nothing runs.
 */
async function notAdoptable(cluster: KubernetesCluster, inputs: Inputs): Promise<KumaError> {
  const { zoneName, namespace, release, valuesKey } = inputs;
  const product = valuesKey === undefined ? "kuma" : "kong-mesh";
  const service = { kind: "Service", namespace, name: controlPlaneService(product) } as const;
  const runs = (await readObject(cluster, service)) !== undefined;
  const names = "Give the names of the zone's release with the settings namespace and release";
  return new KumaError(
    "notFound",
    `There is no Helm release ${release} in namespace ${namespace} of the cluster of context ${cluster.context}, so zone ${zoneName} cannot be adopted. Nothing was changed. ` +
      (runs
        ? `A control plane runs there (${nameOf(service)}). ${names}, if Helm has installed it under others. ` +
          `One that was installed without Helm cannot be adopted: its settings are kept by whoever deploys it, who would take back what is changed here. ` +
          `install: helm is no way out: it is for a zone that does not run yet.`
        : `${names}; or set install: helm for a zone that does not run yet.`),
  );
}
