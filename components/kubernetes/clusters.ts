import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { KubernetesCluster } from "../../platforms/kubernetes/cluster";
import { isFederatedRelease, readRelease } from "../../platforms/kubernetes/helmRelease";
import { namesOf } from "../../platforms/kubernetes/products";
import { KubernetesClusters } from "../../providers/resources";
import { KubernetesGlobalConfig, KubernetesZoneConfig } from "./config";

/** A cluster of the stack, as its components use it. */
export interface Cluster {
  provider: k8s.Provider;
  /** How programs outside of the provider reach it. */
  reference: { context: string; kubeconfig?: pulumi.Input<string> };
  /** Where it holds an adopted zone that belongs to a global and is to run alone again. */
  takeBack: boolean;
}

/**
 * The clusters of a stack by role (`global`, `zone zone-1`). Each gets a provider of its own, so that nothing can end up
 * in one that happens to be the current one. That they answer and are different ones is checked before anything is made
 * in any of them. `kubeconfig` is the content of one for all contexts, secret; files are used when left out.
 */
export async function makeClusters(
  platforms: ReadonlyMap<string, KubernetesGlobalConfig | KubernetesZoneConfig>,
  kubeconfig?: pulumi.Output<string>,
): Promise<Map<string, Cluster>> {
  const content = kubeconfig && (await new Promise<string>((resolve) => void kubeconfig.apply(resolve)));
  const takeBack = new Map<string, boolean>();
  for (const [role, config] of platforms)
    takeBack.set(role, "federated" in config && (await isToBeTakenBack(config, content)));

  const references = new Map(
    [...platforms].map(([role, config]): [string, Cluster["reference"]] => [
      role,
      { context: config.context, kubeconfig: config.kubeconfig ?? kubeconfig },
    ]),
  );
  const { identities } = new KubernetesClusters("clusters", { clusters: Object.fromEntries(references) });
  const clusterOf = (role: string, reference: Cluster["reference"]): Cluster => {
    // an address may change, and with it would go every resource of the cluster
    const clusterIdentifier = identities.apply((known) => known[role]);
    const provider = new k8s.Provider(`cluster-of-${role.replace(" ", "-")}`, {
      ...reference,
      clusterIdentifier,
    });
    return { provider, reference, takeBack: takeBack.get(role) ?? false };
  };
  return new Map([...references].map(([role, reference]) => [role, clusterOf(role, reference)]));
}

/**
 * Whether an adopted zone is to run alone and its release says otherwise. Otherwise nothing of its release is in the
 * program, so that one that was taken back, or never switched, is left alone.
 */
async function isToBeTakenBack(zone: KubernetesZoneConfig, kubeconfig: string | undefined): Promise<boolean> {
  if (zone.federated || zone.install !== "adopt") return false;
  const cluster = await KubernetesCluster.load({
    context: zone.context,
    kubeconfig: zone.kubeconfig ?? kubeconfig,
  });
  try {
    const release = await readRelease(cluster, zone.namespace, zone.release);
    return release !== undefined && isFederatedRelease(release, namesOf(zone.product).valuesKey);
  } finally {
    cluster.close();
  }
}
