import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { isKumaError } from "../../kuma";
import type { ClusterReference } from "../../platforms/kubernetes/cluster";
import { isFederatedRelease, readRelease } from "../../platforms/kubernetes/helmRelease";
import { namesOf } from "../../platforms/kubernetes/products";
import { isFound, readObject } from "../../platforms/kubernetes/stackObjects";
import { withCluster } from "../../resources/connections";
import { KubernetesClusters } from "../../resources";
import { KubernetesGlobalConfig, KubernetesZoneConfig } from "./config";

/** A cluster of the stack, as its components use it. */
export interface Cluster {
  provider: k8s.Provider;
  /** Of the cluster itself, whatever its address is. */
  identity: pulumi.Output<string>;
  /** How programs outside of the provider reach it. */
  reference: { context: string; kubeconfig?: pulumi.Input<string> };
  /** Whose control plane it holds: `global`, `zone zone-1`. */
  role: string;
  /** Where it holds an adopted zone that belongs to a global and is to run alone again. */
  takeBack: boolean;
  /** The namespace of the control plane was there before the stack, and stays when it goes. */
  hasFoundNamespace: boolean;
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
  const found = new Map<string, boolean>();
  for (const [role, config] of platforms) {
    takeBack.set(role, "federated" in config && (await isToBeTakenBack(config, content)));
    found.set(role, !isAdopted(config) && (await isNamespaceFound(config, content)));
  }

  const references = new Map(
    [...platforms].map(([role, config]): [string, Cluster["reference"]] => [
      role,
      { context: config.context, kubeconfig: config.kubeconfig ?? kubeconfig },
    ]),
  );
  const { identities } = new KubernetesClusters("clusters", { clusters: Object.fromEntries(references) });
  const clusterOf = (role: string, reference: Cluster["reference"]): Cluster => {
    // an address may change, and with it would go every resource of the cluster
    const identity = identities.apply((known) => known[role]);
    const provider = new k8s.Provider(`cluster-of-${role.replace(" ", "-")}`, {
      ...reference,
      clusterIdentifier: identity,
      // what a run has made that was killed before it could note it; what is of others is found before (KubernetesObjects)
      upsertExistingObjects: true,
    });
    const [isTakenBack, hasFoundNamespace] = [takeBack.get(role) ?? false, found.get(role) ?? false];
    return { provider, identity, reference, role, takeBack: isTakenBack, hasFoundNamespace };
  };
  return new Map([...references].map(([role, reference]) => [role, clusterOf(role, reference)]));
}

/**
 * Whether an adopted zone is to run alone and its release says otherwise. Otherwise nothing of its release is in the
 * program, so that one that was taken back, or never switched, is left alone.
 */
async function isToBeTakenBack(zone: KubernetesZoneConfig, kubeconfig: string | undefined): Promise<boolean> {
  if (zone.federated || zone.install !== "adopt") return false;
  return withCluster(referenceOf(zone, kubeconfig), async (cluster) => {
    const release = await readRelease(cluster, zone.namespace, zone.release);
    return release !== undefined && isFederatedRelease(release, namesOf(zone.product).valuesKey);
  });
}

function isAdopted(config: KubernetesGlobalConfig | KubernetesZoneConfig): boolean {
  return "install" in config && config.install === "adopt";
}

/** Whether others have made the namespace that the stack is to use. A cluster that does not answer is told of by the resource `clusters`. */
async function isNamespaceFound(
  config: KubernetesGlobalConfig | KubernetesZoneConfig,
  kubeconfig: string | undefined,
): Promise<boolean> {
  try {
    return await withCluster(referenceOf(config, kubeconfig), async (cluster) => {
      const live = await readObject(cluster, { kind: "Namespace", name: config.namespace });
      return live !== undefined && isFound(live);
    });
  } catch (error) {
    if (isKumaError(error)) return false;
    throw error;
  }
}

function referenceOf(
  { context, kubeconfig: own }: KubernetesGlobalConfig | KubernetesZoneConfig,
  kubeconfig: string | undefined,
): ClusterReference {
  return { context, kubeconfig: own ?? kubeconfig };
}
