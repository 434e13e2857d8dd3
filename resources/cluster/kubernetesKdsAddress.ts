import type { ClusterReference } from "../../platforms/kubernetes/cluster";
import { resource } from "../provider/resource";

export interface KubernetesKdsAddressArgs extends ClusterReference {
  namespace: string;
  service: string;
  /** What zones dial instead of the load balancer's address. */
  fixedHost?: string;
  /** Seconds to wait for the load balancer. */
  timeout: number;
}

export interface KubernetesKdsAddressOutputs {
  /** What zones dial. Filled in by `check` as soon as it is there, so that previews show it. */
  host: string;
}

/** The host of the KDS address: that of a Service's load balancer once it has one, or a fixed one. */
export class KubernetesKdsAddress extends resource<KubernetesKdsAddressArgs, KubernetesKdsAddressOutputs>()(
  "kubernetesKdsAddress",
  {
    host: "plain",
  },
) {}
