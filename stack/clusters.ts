import * as pulumi from "@pulumi/pulumi";
import { kubernetes } from "../components/kubernetes";
import type { Cluster } from "../components/kubernetes/clusters";
import type { KubernetesGlobalConfig, KubernetesZoneConfig } from "../components/kubernetes/config";
import type { StackConfig } from "./config";

/** The clusters of a stack, by what runs in them; none for control planes of other platforms. */
export interface Clusters {
  global?: Cluster;
  ofZone(name: string): Cluster | undefined;
}

/** `kubeconfig` is the content of one for all contexts, secret; files are used when left out. */
export async function clustersOf(
  { global, zones }: Pick<StackConfig, "global" | "zones">,
  kubeconfig?: pulumi.Output<string>,
): Promise<Clusters> {
  const platforms = new Map<string, KubernetesGlobalConfig | KubernetesZoneConfig>();
  if (global.platform === "kubernetes") platforms.set("global", global);
  for (const zone of zones) if (zone.platform === "kubernetes") platforms.set(`zone ${zone.name}`, zone);
  if (platforms.size === 0) return { ofZone: () => undefined };
  const clusters = await kubernetes().makeClusters(platforms, kubeconfig);
  return { global: clusters.get("global"), ofZone: (name) => clusters.get(`zone ${name}`) };
}
