import * as pulumi from "@pulumi/pulumi";
import { kubernetes } from "./kubernetes";
import type { Cluster } from "./kubernetes/clusters";
import type { ZoneConfig } from "./stackConfig";

/**
 * Deploys the guides' workload into the cluster of a zone whose settings ask for it, when `ready` is there: the control
 * plane that gives its pods their sidecars.
 */
export function deployDemo(zone: ZoneConfig, cluster: Cluster | undefined, ready: pulumi.Resource): void {
  if (zone.platform !== "kubernetes" || zone.demo === undefined || !cluster) return;
  const { DemoWorkload } = kubernetes();
  new DemoWorkload(`${zone.name}-demo`, zone.demo, { providers: [cluster.provider], dependsOn: [ready] });
}
