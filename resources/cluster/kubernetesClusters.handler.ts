import { KumaError, isKumaError } from "../../kuma";
import { valueAt } from "../../kuma/api/json";
import type { ClusterReference } from "../../platforms/kubernetes/cluster";
import { withCluster } from "../../platforms/kubernetes/withCluster";
import { isClusterKnown } from "../connections";
import { UNKNOWN, changedInputs } from "../provider/handler";
import type { HandlerOf } from "../provider/resource";
import type { KubernetesClusters } from "./kubernetesClusters";

/** Looks at the clusters of the stack: each answers, and no two of them are one. Makes and changes nothing. */
export const kubernetesClusters: HandlerOf<typeof KubernetesClusters, "identities"> = {
  async check(_, news) {
    const roles = Object.entries(news.clusters);
    if (!roles.every(([, cluster]) => isClusterKnown(cluster)))
      return { ...news, identities: UNKNOWN as never };
    const found = await Promise.all(roles.map(async ([role, cluster]) => [role, await identityOf(cluster)]));
    const identities = Object.fromEntries(found) as Record<string, string>;
    assertDistinct(identities);
    return { ...news, identities };
  },
  diff: async (_, olds, news) => ({ changes: changedInputs(olds, news).length > 0 }),
  create: async (inputs) => ({ id: Object.keys(inputs.clusters).join(","), outs: inputs }),
  update: async (_, __, news) => news,
  delete: async () => {},
};

/**
 * The UID of the namespace kube-system, which stays the same for the life of a cluster (the convention of the
 * OpenTelemetry attribute k8s.cluster.uid); the API server's address where that may not be read.
 */
function identityOf(reference: ClusterReference): Promise<string> {
  return withCluster(reference, async (cluster) => {
    try {
      const namespace = await cluster.get("/api/v1/namespaces/kube-system");
      return String(valueAt(namespace, "metadata", "uid") ?? cluster.server);
    } catch (error) {
      if (!isKumaError(error, "forbidden")) throw error;
      return cluster.server;
    }
  });
}

function assertDistinct(identities: Record<string, string>): void {
  const roles = Object.keys(identities);
  for (const [index, role] of roles.entries()) {
    const twin = roles.slice(0, index).find((other) => identities[other] === identities[role]);
    if (twin === undefined) continue;
    throw new KumaError(
      "invalid",
      `The contexts of ${twin} and ${role} lead to one and the same cluster. Control planes of different roles cannot share one. Nothing was changed.`,
    );
  }
}
