import { type ClusterReference, KubernetesCluster } from "./cluster";

/** Opens a cluster for the time of one call. */
export async function withCluster<T>(
  { context, kubeconfig }: ClusterReference,
  work: (cluster: KubernetesCluster) => Promise<T>,
): Promise<T> {
  const cluster = await KubernetesCluster.load({ context, kubeconfig });
  try {
    return await work(cluster);
  } finally {
    cluster.close();
  }
}
