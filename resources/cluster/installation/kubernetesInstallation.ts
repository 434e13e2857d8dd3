import type { ClusterReference } from "../../../platforms/kubernetes/cluster";
import type { Place } from "../obstacles";
import { resource } from "../../provider/resource";

export interface KubernetesInstallationArgs extends Place, ClusterReference {
  namespace: string;
  release: string;
}

export interface KubernetesInstallationOutputs {
  /** Filled in by `check`: the operation that a run left open when it was killed. */
  open?: { revision: number; status: string };
}

/** What comes before a Helm release that the stack installs: none of its operations was left open by a run that was killed. */
export class KubernetesInstallation extends resource<
  KubernetesInstallationArgs,
  KubernetesInstallationOutputs
>()("kubernetesInstallation", {
  open: "plain",
}) {}
