import * as pulumi from "@pulumi/pulumi";
import type { Values } from "../../platforms/kubernetes/helm/values";
import { namesOf } from "../../platforms/kubernetes/products";
import { KubernetesUpgrade } from "../../resources";
import type { Place } from "../platform";
import type { ZoneConnection, ZoneRelease } from "../arguments/zoneConnection";
import { type ChartNames, chartRelease } from "./chartRelease";
import type { Cluster } from "./cluster";

export interface AdoptedReleaseArgs {
  zoneName: ZoneConnection["zoneName"];
  release: ZoneRelease;
  cluster: Cluster;
  /** What it is to have, from the values that it was installed with. */
  change: (values: Values) => pulumi.Input<Values>;
}

/**
 * The release of a zone that others have installed, imported and changed in one run. Imported values are the live ones in
 * clear, so the difference of the values is hidden in previews; and the release stays when it leaves the program. Returns
 * its revision.
 */
export function adoptedRelease(
  { zoneName, release, cluster, change }: AdoptedReleaseArgs,
  { name, parent }: Place,
  dependsOn: pulumi.Resource[] = [],
): pulumi.Output<string> {
  const { provider, reference } = cluster;
  const { product, namespace, chart, chartRepository, chartVersion, installedVersion } = release;
  const names = pulumi.output({
    ...{ product, namespace, chart, chartRepository },
    release: release.release,
  }) as pulumi.Output<ChartNames>;
  const upgrade = new KubernetesUpgrade(
    `${name}-upgrade`,
    {
      ...reference,
      ...{ zoneName, namespace, release: release.release },
      valuesKey: names.apply((each) => namesOf(each.product).valuesKey as string),
      chartVersion: chartVersion ?? installedVersion,
      values: pulumi.secret(pulumi.output(release.values).apply((values) => change(values as Values))),
    },
    { parent },
  );
  return chartRelease(
    `${name}-release`,
    names,
    {
      values: upgrade.values,
      version: upgrade.chartVersion,
      description: upgrade.description.apply((given) => given || undefined),
    },
    {
      ...{ parent, provider, dependsOn },
      import: release.importId,
      retainOnDelete: true,
      hideDiffs: ["values"],
    },
  ).status.revision.apply(String);
}
