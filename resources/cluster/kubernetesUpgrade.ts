import type { ClusterReference } from "../../platforms/kubernetes/cluster";
import type { Values } from "../../platforms/kubernetes/helm/values";
import { resource } from "../provider/resource";

export interface KubernetesUpgradeArgs extends ClusterReference {
  zoneName: string;
  namespace: string;
  release: string;
  /** Under which the values of Kuma's chart stand, in an umbrella chart. */
  valuesKey?: string;
  /** Secret: what the release is to have. `check` puts what Pulumi is to give it in its place. */
  values: Values;
  chartVersion: string;
}

export interface KubernetesUpgradeOutputs {
  /**
   * Filled in by `check`: why the release is upgraded with what Pulumi has given it before. Empty where it is not: a preview takes
   * what a resource does not hold for unknown (@pulumi/pulumi 3.248, runtime/rpc.ts, resolveProperties), and would upgrade it.
   */
  description: string;
}

/** What Pulumi is to give an adopted release. */
export class KubernetesUpgrade extends resource<KubernetesUpgradeArgs, KubernetesUpgradeOutputs>()(
  "kubernetesUpgrade",
  {
    values: "secret",
    description: "plain",
  },
) {}
