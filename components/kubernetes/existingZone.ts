import * as pulumi from "@pulumi/pulumi";
import { isPath, withNames } from "../../platforms/kubernetes/chart";
import { isFederatedRelease, readRelease } from "../../platforms/kubernetes/helm/helmRelease";
import { namesOf } from "../../platforms/kubernetes/products";
import { KubernetesRelease } from "../../resources";
import { withCluster } from "../../platforms/kubernetes/withCluster";
import type { Place, ZoneOptions } from "../platform";
import type { ZoneConnection, ZoneRelease } from "../arguments/zoneConnection";
import type { KubernetesZoneArgs } from "./args";
import { namesIn } from "./chartRelease";
import { type Cluster, clusterOf } from "./cluster";
import { apiOf } from "./global";
import { adoptedRelease } from "./release";

/** A zone in a cluster as it is, with the values that were set (secret), as they are without the federation. */
export function existingZone(args: KubernetesZoneArgs, options: ZoneOptions): ZoneConnection {
  const { name, parent, zoneName, directory, profile, federated } = options;
  const { chart, chartVersion, product = "kuma" } = args;
  const names = namesIn(args);
  const cluster = clusterOf(name, args, pulumi.interpolate`zone ${zoneName}`, parent);
  const { reference, identity } = cluster;
  const { namespace, release } = withNames({ product, namespace: args.namespace, release: args.release });
  const installed = new KubernetesRelease(
    `${name}-installed`,
    {
      ...{ zoneName, ...reference, namespace, release },
      valuesKey: namesOf(product).valuesKey,
      isChartChosen:
        chartVersion !== undefined ||
        pulumi.output(chart).apply((each) => each !== undefined && isPath(each)),
      values: pulumi.secret({}),
    },
    { parent },
  );
  const zoneRelease: ZoneRelease = {
    ...reference,
    clusterIdentifier: identity,
    ...{ product, namespace, release, importId: `${namespace}/${release}` },
    chart: names.chart,
    chartRepository: names.chartRepository as pulumi.Output<string>,
    ...(chartVersion !== undefined && { chartVersion }),
    installedVersion: installed.chartVersion,
    values: installed.values,
  };
  const takenBack = takeBack(zoneName, zoneRelease, cluster, federated, { name, parent });
  return {
    ...{ platform: "kubernetes", zoneName, directory },
    api: apiOf(names, reference),
    // the component has its outputs once it was taken back
    started: pulumi.all([installed.chartVersion, takenBack]).apply(([version]) => version),
    release: zoneRelease,
    ...(profile && { profile }),
  };
}

/**
 * Gives a zone that is to run alone the values that it had before, where its release says otherwise. Otherwise nothing of
 * its release is in the program, so that one that was taken back, or never switched, is left alone. Comes once that is done.
 */
function takeBack(
  zoneName: pulumi.Input<string>,
  release: ZoneRelease,
  cluster: Cluster,
  federated: pulumi.Input<boolean>,
  place: Place,
): pulumi.Input<string> {
  if (federated === true) return "";
  const { context, kubeconfig } = cluster.reference;
  const { namespace, release: name, product } = release;
  const isToGoBack = pulumi
    .all([federated, context, kubeconfig, namespace, name, product])
    .apply(async ([isMember, where, content, ...[inNamespace, called, of]]) => {
      if (isMember) return false;
      const live = await withCluster({ context: where, kubeconfig: content }, (reader) =>
        readRelease(reader, inNamespace, called),
      );
      return live !== undefined && isFederatedRelease(live, namesOf(of as "kuma").valuesKey);
    });
  return isToGoBack.apply((isSo) =>
    isSo
      ? adoptedRelease({ zoneName, release, cluster, change: (values) => values }, place)
      : pulumi.output(""),
  );
}
