import * as pulumi from "@pulumi/pulumi";
import type { StackObject } from "../platforms/kubernetes/stackObjects";
import type { ExistingStackZone, NewStackZone } from "./read";

/**
 * Deploys the guides' workload into the cluster of a zone whose settings ask for it, when `ready` is there: the control
 * plane that gives its pods their sidecars.
 */
export function deployDemo(
  { name, federated, demo, cluster }: ExistingStackZone | NewStackZone,
  ready: pulumi.Resource,
): void {
  if (demo === undefined || !cluster) return;
  // they load Pulumi's SDK for Kubernetes
  const { DEMO_NAMESPACE, DemoWorkload } =
    require("../components/demoWorkload") as typeof import("../components/demoWorkload");
  const { madeAnew, stackObjects } =
    require("../components/kubernetes/stackObjects") as typeof import("../components/kubernetes/stackObjects");
  const { provider, context, kubeconfig } = cluster;
  const namespace: StackObject = { kind: "Namespace", name: demo.namespace ?? DEMO_NAMESPACE };
  const objects = stackObjects(`${name}-demo-objects`, {
    cluster: {
      reference: { context, ...(kubeconfig !== undefined && { kubeconfig }) },
      role: `zone ${name}`,
    },
    zones: federated ? [name] : [],
    objects: [namespace],
  });
  new DemoWorkload(
    `${name}-demo`,
    { ...demo, madeAnew: madeAnew(objects, namespace) },
    { providers: [provider], dependsOn: [ready, objects] },
  );
}
