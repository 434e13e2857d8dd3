import * as path from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { isPath, withNames } from "../../platforms/kubernetes/chart";
import type { Product } from "../../platforms/kubernetes/products";
import { KubernetesInstallation } from "../../resources";
import { otherwise } from "../arguments/otherwise";
import type { ControlPlaneInClusterArgs } from "./args";
import type { Cluster } from "./cluster";

/** Seconds for an installation or upgrade, hooks and rollout included. */
const TIMEOUT = 600;

/** How a control plane's release is named and what it is installed from. */
export interface ChartNames {
  product: Product;
  namespace: string;
  release: string;
  chart: string;
  chartRepository?: string;
}

/** With the names that the product has, where no others are given. */
export function namesIn(args: ControlPlaneInClusterArgs): pulumi.Output<ChartNames> {
  const { namespace, release, chart, chartRepository } = args;
  const product = otherwise<Product>(args.product, "kuma");
  return pulumi.output({ product, namespace, release, chart, chartRepository }).apply(withNames);
}

/** What of a release may change with each upgrade. */
export interface ChartContent {
  values: pulumi.Input<Record<string, unknown>>;
  version?: pulumi.Input<string | undefined>;
  description?: pulumi.Input<string | undefined>;
}

/**
 * The release of a control plane. A real Helm release, not a rendered chart: the chart uses hooks, and finds its own
 * certificates again by looking them up.
 */
export function chartRelease(
  name: string,
  { release, namespace, chart, chartRepository }: pulumi.Output<ChartNames>,
  { values, version, description }: ChartContent,
  opts: pulumi.CustomResourceOptions,
): k8s.helm.v3.Release {
  return new k8s.helm.v3.Release(
    name,
    {
      name: release,
      namespace,
      chart: chart.apply((each) => (isPath(each) ? path.resolve(each) : each)),
      version: version as pulumi.Input<string> | undefined,
      description: description as pulumi.Input<string> | undefined,
      repositoryOpts: chartRepository?.apply((repo) => (repo === undefined ? undefined : { repo })) as
        pulumi.Input<k8s.types.input.helm.v3.RepositoryOpts> | undefined,
      values,
      timeout: TIMEOUT,
    },
    pulumi.mergeOptions(
      // a release cannot stand beside its successor of the same name
      { deleteBeforeReplace: true, additionalSecretOutputs: ["manifest"] },
      opts,
    ),
  );
}

/**
 * What is known later, for a place within values. Pulumi takes an output for unknown as a whole where anything in it is; one that
 * stands in a value that `apply` gives is by itself, so that a preview knows the others, and the rules that look at them.
 */
export function later<T>(value: pulumi.Output<T>): T {
  return value as unknown as T;
}

/**
 * What a user gave for a chart, with what this program sets: secret to the end, as nobody can tell here which of the
 * user's values are. Without any of those it can be read in previews.
 */
export function givenValues(
  values: pulumi.Input<Record<string, unknown>> | undefined,
  withOwn: (values: Record<string, unknown>) => pulumi.Output<Record<string, unknown>>,
): pulumi.Output<Record<string, unknown>> {
  if (values === undefined) return withOwn({});
  // pulumi.secret(values) would look into them, and take all for unknown where one is
  return pulumi
    .secret(undefined)
    .apply(() => pulumi.output(values).apply(withOwn)) as unknown as pulumi.Output<Record<string, unknown>>;
}

export interface Installation {
  names: pulumi.Output<ChartNames>;
  cluster: Cluster;
  values: pulumi.Input<Record<string, unknown>>;
  version?: pulumi.Input<string | undefined>;
  /** The zones that cannot be federated without it. */
  zones: pulumi.Input<pulumi.Input<string>[]>;
}

export interface InstallationOptions {
  parent: pulumi.Resource;
  dependsOn: pulumi.Resource[];
  /** Paths of its inputs that stay as they were at the installation. */
  ignoreChanges?: string[];
}

/** A release that a component installs. Returns what changes with each upgrade. */
export function newRelease(
  name: string,
  { names, cluster, values, version, zones }: Installation,
  { parent, dependsOn, ignoreChanges }: InstallationOptions,
): pulumi.Output<string> {
  const { provider, reference, role } = cluster;
  const { namespace, release } = names;
  const installation = new KubernetesInstallation(
    `${name}-installation`,
    { ...reference, role, zones, namespace, release },
    { parent, dependsOn },
  );
  const opts = { parent, provider, dependsOn: [...dependsOn, installation], ignoreChanges };
  return chartRelease(name, names, { values, version }, opts).status.revision.apply(String);
}
