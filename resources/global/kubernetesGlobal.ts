import type { GlobalConnection } from "../connections";
import { resource } from "../provider/resource";

export interface KubernetesGlobalArgs extends GlobalConnection {
  /** Another value means that the release was installed or upgraded. */
  release: string;
}

export interface KubernetesGlobalOutputs {
  /** Filled in by `check` when the control plane answers already, so that they are known in previews. */
  product: string;
  version: string;
}

/** A global control plane in a cluster, serving. */
export class KubernetesGlobal extends resource<KubernetesGlobalArgs, KubernetesGlobalOutputs>()(
  "kubernetesGlobal",
  {
    product: "plain",
    version: "plain",
  },
) {}
