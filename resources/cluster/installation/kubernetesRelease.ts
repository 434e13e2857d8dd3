import type { ClusterReference } from "../../../platforms/kubernetes/cluster";
import type { Values } from "../../../platforms/kubernetes/helm/values";
import { resource } from "../../provider/resource";

export interface KubernetesReleaseArgs extends ClusterReference {
  zoneName: string;
  namespace: string;
  release: string;
  /** Under which the values of Kuma's chart stand, in an umbrella chart. */
  valuesKey?: string;
  /** The stack says which chart it is to be, so that a different chart found later was installed by this stack. */
  isChartChosen: boolean;
  /**
   * Secret: the values that were set, without those of the federation. Filled in by `check`; the program gives an empty
   * secret, and what takes its place is kept as one.
   */
  values: Values;
}

export interface KubernetesReleaseOutputs {
  /** Filled in by `check`: as they were found, and as somebody else upgrades the release. */
  chartName: string;
  chartVersion: string;
  /** Filled in by `check`: the revision of an upgrade of this program that was cut short. */
  cutShort?: number;
}

/** The Helm release of a zone, as it is without the federation. */
export class KubernetesRelease extends resource<KubernetesReleaseArgs, KubernetesReleaseOutputs>()(
  "kubernetesRelease",
  {
    values: "secret",
    chartName: "plain",
    chartVersion: "plain",
    cutShort: "plain",
  },
) {}
