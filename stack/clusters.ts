import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { KubernetesClusters } from "../resources";
import type { StackConfig } from "./config";
import type { KubernetesGlobalConfig, KubernetesZoneConfig } from "./settings/kubernetes";

/** A cluster of the stack, for the arguments and the options of components. */
export interface StackCluster {
  provider: k8s.Provider;
  context: string;
  kubeconfig?: pulumi.Input<string>;
  clusterIdentifier: pulumi.Output<string>;
}

/** The clusters of a stack, by what runs in them; none for control planes of other platforms. */
export interface Clusters {
  global?: StackCluster;
  ofZone(name: string): StackCluster | undefined;
}

/**
 * Each cluster gets a provider of its own, so that nothing can end up in one that happens to be the current one. That they
 * answer and are different ones is checked before anything is made in any of them. `kubeconfig` is the content of one for
 * all contexts, secret; files are used when left out.
 */
export function clustersOf(
  { global, zones }: Pick<StackConfig, "global" | "zones">,
  kubeconfig?: pulumi.Output<string>,
): Clusters {
  const platforms = new Map<string, KubernetesGlobalConfig | KubernetesZoneConfig>();
  if (global.platform === "kubernetes") platforms.set("global", global);
  for (const zone of zones) if (zone.platform === "kubernetes") platforms.set(`zone ${zone.name}`, zone);
  if (platforms.size === 0) return { ofZone: () => undefined };
  const references = [...platforms].map(([role, config]) => {
    const own = config.kubeconfig ?? kubeconfig;
    return [role, { context: config.context, ...(own !== undefined && { kubeconfig: own }) }] as const;
  });
  const { identities } = new KubernetesClusters("clusters", { clusters: Object.fromEntries(references) });
  const clusters = new Map(
    references.map(([role, reference]) => {
      const clusterIdentifier = identities.apply((known) => known[role]);
      return [
        role,
        { ...reference, clusterIdentifier, provider: providerOf(role, reference, clusterIdentifier) },
      ];
    }),
  );
  return { global: clusters.get("global"), ofZone: (name) => clusters.get(`zone ${name}`) };
}

function providerOf(
  role: string,
  reference: Pick<StackCluster, "context" | "kubeconfig">,
  clusterIdentifier: pulumi.Output<string>,
): k8s.Provider {
  // half a second to load, which stacks without a cluster need not wait
  const { Provider } = require("@pulumi/kubernetes") as typeof k8s;
  return new Provider(`cluster-of-${role.replace(" ", "-")}`, {
    ...reference,
    // an address may change, and with it would go every resource of the cluster
    clusterIdentifier,
    // what a run has made that was killed before it could note it; what is of others is found before (KubernetesObjects)
    upsertExistingObjects: true,
  });
}
