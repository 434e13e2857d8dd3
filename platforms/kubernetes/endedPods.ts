import { isKumaError } from "../../kuma";
import { valueAt } from "../../kuma/api/json";
import { mapInParallel } from "../../kuma/parallel";
import { urlPath } from "../../kuma/resource/names";
import type { KubernetesCluster } from "./cluster";

const AT_ONCE = 8;

/**
 * Of pods by `namespace/name` those that are not there, or for which Kuma keeps no proxy any more (v2.14.3,
 * pkg/plugins/runtime/k8s/controllers/pod_controller.go). One of which the cluster does not tell counts as one that runs.
 */
export async function endedPods(cluster: KubernetesCluster, names: readonly string[]): Promise<string[]> {
  const ended = await mapInParallel(names, AT_ONCE, (name) => hasEnded(cluster, name));
  return names.filter((_, at) => ended[at]);
}

async function hasEnded(cluster: KubernetesCluster, qualified: string): Promise<boolean> {
  const [namespace = "", name = ""] = qualified.split("/");
  try {
    const pod = await cluster.get(urlPath`/api/v1/namespaces/${namespace}/pods/${name}`);
    if (!pod) return true;
    const { phase, reason, podIP = "" } = (valueAt(pod, "status") ?? {}) as Record<string, unknown>;
    return (
      phase === "Succeeded" ||
      reason === "Evicted" ||
      podIP === "" ||
      pod.metadata.deletionTimestamp !== undefined
    );
  } catch (error) {
    if (isKumaError(error, "forbidden", "refused")) return false;
    throw error;
  }
}
