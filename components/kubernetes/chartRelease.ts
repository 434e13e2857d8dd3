import * as path from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { KubernetesInstallation } from "../../resources";
import type { Cluster } from "./clusters";
import { KubernetesConfig } from "./config";

/** Seconds for an installation or upgrade, hooks and rollout included. */
const TIMEOUT = 600;

/**
 * The release of a control plane. A real Helm release, not a rendered chart: the chart uses hooks, and finds its own
 * certificates again by looking them up.
 */
export function chartRelease(
  name: string,
  { release, namespace, chart, chartRepository, chartVersion }: KubernetesConfig,
  values: pulumi.Input<Record<string, unknown>>,
  opts: pulumi.CustomResourceOptions,
  { version, description }: { version?: pulumi.Input<string>; description?: pulumi.Input<string> } = {},
): k8s.helm.v3.Release {
  return new k8s.helm.v3.Release(
    name,
    {
      name: release,
      namespace,
      chart: chart.includes("/") ? path.resolve(chart) : chart,
      version: version ?? chartVersion,
      description,
      repositoryOpts: chartRepository === undefined ? undefined : { repo: chartRepository },
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
 * What a user gave for a chart, with what this program sets: secret to the end, as nobody can tell here which of the
 * user's values are. Without any of those it can be read in previews.
 */
export function givenValues(
  { values }: Pick<KubernetesConfig, "values">,
  all: pulumi.Input<Record<string, unknown>>,
): pulumi.Input<Record<string, unknown>> {
  return Object.keys(values).length > 0 ? pulumi.secret(all) : all;
}

export interface InstallationOptions {
  parent: pulumi.Resource;
  /** The zones that cannot be federated without it. */
  zones: string[];
  dependsOn: pulumi.Resource[];
}

/** A release that the stack installs. */
export function newRelease(
  name: string,
  config: KubernetesConfig,
  { provider, reference, role }: Cluster,
  values: pulumi.Input<Record<string, unknown>>,
  { parent, zones, dependsOn }: InstallationOptions,
): pulumi.Output<string> {
  const { namespace, release } = config;
  const installation = new KubernetesInstallation(
    `${name}-installation`,
    { ...reference, role, zones, namespace, release },
    { parent, dependsOn },
  );
  const opts = { parent, provider, dependsOn: [...dependsOn, installation] };
  return chartRelease(name, config, values, opts).status.revision.apply(String);
}
