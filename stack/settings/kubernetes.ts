import type { EVERYONE, Installer } from "../../platforms/kubernetes/chart";
import type { ZoneProxySettings } from "../../platforms/kubernetes/helm/zoneProxyValues";
import type { Product } from "../../platforms/kubernetes/products";
import type { CommonZoneConfig } from "./zone";

/** A control plane in a cluster. */
export interface KubernetesConfig {
  platform: "kubernetes";
  /** Name of a context of the kubeconfig. */
  context: string;
  /** Path of a kubeconfig; the usual places (KUBECONFIG, ~/.kube/config) when left out. */
  kubeconfig?: string;
  product: Product;
  namespace: string;
  release: string;
  /** Name of a chart in `chartRepository`, or the path of one. */
  chart: string;
  chartRepository?: string;
  chartVersion?: string;
  /** Values for the chart, as a user would write them for Helm; they may hold secrets. */
  values: Record<string, unknown>;
}

/** The Service that zones dial. */
export interface KdsServiceConfig {
  type: "LoadBalancer" | "NodePort";
  /** What zones dial instead of the load balancer's address. */
  host?: string;
  /** Port on every node, for type NodePort. */
  nodePort?: number;
  annotations: Record<string, string>;
  loadBalancerClass?: string;
  /** Who may connect, in CIDR notation; of a NodePort it is always everyone. */
  sourceRanges: readonly string[] | typeof EVERYONE;
  /** Seconds to wait for the load balancer's address. */
  timeout: number;
}

export interface KubernetesGlobalConfig extends KubernetesConfig {
  installer: Installer;
  replicas: number;
  kds: KdsServiceConfig;
}

export interface KubernetesZoneConfig extends KubernetesConfig, CommonZoneConfig {
  /** `adopt` for a release that is there; the others install a new zone, which joins at once. */
  install: "adopt" | Installer;
  /** Left as they are when undefined; an object is one that there is. */
  ingress?: boolean | ZoneProxySettings;
  egress?: boolean | ZoneProxySettings;
  /** For the demo application of the guides; none is deployed when undefined. */
  demo?: DemoConfig;
}

/** Names and images of the demo application, where they are to be others than the guides'. */
export interface DemoConfig {
  namespace?: string;
  image?: string;
  redisImage?: string;
}
