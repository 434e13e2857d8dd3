import type * as pulumi from "@pulumi/pulumi";
import type { Installer, KdsServiceType, Product } from "../arguments/choices";

/** A cluster, and how it is reached. */
export interface ClusterArgs {
  /**
   * Content of a kubeconfig, which becomes a secret, or the path of one. The output of the resource that makes the cluster
   * will do, also in the same run.
   *
   * @default the usual places (KUBECONFIG, ~/.kube/config)
   */
  kubeconfig?: pulumi.Input<string>;
  /**
   * Name of a context of the kubeconfig.
   *
   * @default the kubeconfig's current context
   */
  context?: pulumi.Input<string>;
  /**
   * What tells this cluster from others, whatever its address is: with another one everything in it is recreated.
   *
   * @default the UID of the namespace kube-system
   */
  clusterIdentifier?: pulumi.Input<string>;
}

/** A control plane in a cluster. */
export interface ControlPlaneInClusterArgs extends ClusterArgs {
  /**
   * From which the next four defaults follow.
   *
   * @default "kuma"
   */
  product?: pulumi.Input<Product>;
  /** @default "kuma-system" or "kong-mesh-system", by product */
  namespace?: pulumi.Input<string>;
  /**
   * Name of the Helm release.
   *
   * @default "kuma" or "kong-mesh", by product
   */
  release?: pulumi.Input<string>;
  /**
   * Name of a published chart, or with a slash in it the path of one.
   *
   * @default "kuma" or "kong-mesh", by product
   */
  chart?: pulumi.Input<string>;
  /**
   * URL at which the chart is published.
   *
   * @default that of the product, unless the chart is a path
   */
  chartRepository?: pulumi.Input<string>;
}

/** The Service that zones dial. */
export interface KdsServiceArgs {
  /** @default "LoadBalancer" */
  type?: pulumi.Input<KdsServiceType>;
  /**
   * Host name or IPv4 address that zones dial in place of the load balancer's. Needed for a NodePort.
   *
   * @default the load balancer's address
   */
  host?: pulumi.Input<string>;
  /**
   * Port on every node, for a NodePort.
   *
   * @default 30685
   */
  nodePort?: pulumi.Input<number>;
  /** @default none */
  annotations?: pulumi.Input<{ [name: string]: pulumi.Input<string> }>;
  /** @default that of the cluster */
  loadBalancerClass?: pulumi.Input<string>;
  /**
   * Who may connect, in CIDR notation; or `everyone` alone. A load balancer needs it: a Kuma global asks zones for no
   * credential, and sends whoever reaches it the keys of every mesh.
   *
   * @default none: an error for a load balancer, everyone for a NodePort
   */
  sourceRanges?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Seconds to wait for the load balancer's address.
   *
   * @default 300
   */
  timeout?: pulumi.Input<number>;
}

/** A global control plane that is installed into a cluster. */
export interface KubernetesGlobalArgs extends ControlPlaneInClusterArgs {
  /** The Service that zones dial. */
  kds: KdsServiceArgs;
  /** @default "2.14.3", unless the chart is a path */
  chartVersion?: pulumi.Input<string>;
  /**
   * Values for the chart, under those that the component sets. They become a secret.
   *
   * @default none
   */
  values?: pulumi.Input<{ [key: string]: any }>; // eslint-disable-line @typescript-eslint/no-explicit-any
  /** @default "helm" */
  installer?: Installer;
  /** @default 1 */
  replicas?: pulumi.Input<number>;
}

/**
 * A zone control plane that Helm has installed into a cluster. Its values are kept. Its product, namespace and release are
 * plain values, as Pulumi takes no output for what it imports.
 */
export interface KubernetesZoneArgs extends ControlPlaneInClusterArgs {
  /** @default "kuma" */
  product?: Product;
  /** @default "kuma-system" or "kong-mesh-system", by product */
  namespace?: string;
  /**
   * Name of the Helm release.
   *
   * @default "kuma" or "kong-mesh", by product
   */
  release?: string;
  /** @default the version that is installed */
  chartVersion?: pulumi.Input<string>;
}

/** A zone control plane that is to be installed into a cluster. */
export interface NewKubernetesZoneArgs extends ControlPlaneInClusterArgs {
  /** @default the latest that the repository has */
  chartVersion?: pulumi.Input<string>;
  /**
   * Values for the chart, under those that the component sets. They become a secret.
   *
   * @default none
   */
  values?: pulumi.Input<{ [key: string]: any }>; // eslint-disable-line @typescript-eslint/no-explicit-any
  /** @default "helm" */
  installer?: Installer;
}
