import * as pulumi from "@pulumi/pulumi";
import { kubernetes } from "../components/kubernetes";
import type { StackObject } from "../platforms/kubernetes/stackObjects";
import type { StackZone } from "./read";

/**
 * Deploys the guides' workload into the cluster of a zone whose settings ask for it, when `ready` is there: the control
 * plane that gives its pods their sidecars.
 */
export function deployDemo({ zone, cluster }: StackZone, ready: pulumi.Resource): void {
  if (zone.platform !== "kubernetes" || zone.demo === undefined || !cluster) return;
  const { DEMO_NAMESPACE, DemoWorkload, madeAnew, stackObjects } = kubernetes();
  const { name, demo, federated } = zone;
  const namespace: StackObject = { kind: "Namespace", name: demo.namespace ?? DEMO_NAMESPACE };
  const objects = stackObjects(`${name}-demo-objects`, {
    cluster,
    zones: federated ? [name] : [],
    objects: [namespace],
  });
  new DemoWorkload(
    `${name}-demo`,
    { ...demo, madeAnew: madeAnew(objects, namespace) },
    { providers: [cluster.provider], dependsOn: [ready, objects] },
  );
}
