import type { ClusterReference } from "../../../platforms/kubernetes/cluster";
import { resource } from "../../provider/resource";

export interface KubernetesNamespaceArgs extends ClusterReference {
  /** Whose control plane it is for: `global`, `zone zone-1`. */
  role: string;
  namespace: string;
}

export interface KubernetesNamespaceOutputs {
  /** Others had made it: it is used, and stays when the stack goes. */
  found: boolean;
}

/** The namespace of a control plane, made where there is none. */
export class KubernetesNamespace extends resource<KubernetesNamespaceArgs, KubernetesNamespaceOutputs>()(
  "kubernetesNamespace",
  { found: "plain" },
) {}
