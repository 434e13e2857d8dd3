import type { ClusterReference } from "../../platforms/kubernetes/cluster";
import { resource } from "../provider/resource";

export interface KubernetesClustersArgs {
  /** By role: `global`, `zone zone-1`. */
  clusters: Record<string, ClusterReference>;
}

export interface KubernetesClustersOutputs {
  /** By role, what tells a cluster from others whatever its address. Filled in by `check`. */
  identities: Record<string, string>;
}

/** The clusters of a stack: each answers, and no two of them are one. */
export class KubernetesClusters extends resource<KubernetesClustersArgs, KubernetesClustersOutputs>()(
  "kubernetesClusters",
  {
    identities: "plain",
  },
) {}
