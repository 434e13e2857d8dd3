import * as pulumi from "@pulumi/pulumi";
import { controlPlaneService, namesOf } from "../../platforms/kubernetes/products";
import { StackObject, nameOf } from "../../platforms/kubernetes/stackObjects";
import { KubernetesNamespace, KubernetesObjects } from "../../resources";
import type { Inputs } from "../../resources";
import type { GlobalConnection } from "../../resources/connections";
import type { ChartNames } from "./chartRelease";
import type { Cluster } from "./cluster";

export interface StackObjectsArgs {
  cluster: Pick<Cluster, "reference" | "role">;
  /** The zones that cannot be federated without them. */
  zones: pulumi.Input<pulumi.Input<string>[]>;
  objects: pulumi.Input<StackObject>[];
  /** The control plane that comes with them. */
  controlPlane?: pulumi.Output<ChartNames>;
  /** The global that zones may be connected with through them. */
  global?: Inputs<GlobalConnection>;
}

/** Looks at what a component makes in a cluster, before any of it is made. */
export function stackObjects(
  name: string,
  { cluster: { reference, role }, zones, objects, controlPlane, global }: StackObjectsArgs,
  opts?: pulumi.CustomResourceOptions,
): KubernetesObjects {
  const args = {
    ...reference,
    role,
    zones,
    objects: objects as pulumi.Input<Inputs<StackObject>>[],
    ...(controlPlane && { ofRelease: controlPlane.apply(ofRelease) }),
    ...global,
  };
  return new KubernetesObjects(name, args, opts);
}

/** What tells that another control plane is in the cluster, or in the namespace (charts/kuma 2.14.3, templates). */
function ofRelease({ namespace, release, product }: ChartNames) {
  const { prefix } = namesOf(product);
  const objects: StackObject[] = [
    { kind: "Service", namespace, name: controlPlaneService(product) },
    { kind: "ClusterRole", name: `${prefix}-control-plane` },
    { kind: "MutatingWebhookConfiguration", name: `${prefix}-admission-mutating-webhook-configuration` },
  ];
  return { namespace, name: release, objects };
}

/** Options of an object that is recreated when it is gone, or cannot become what the program wants. */
export function madeAnew(
  { anew }: KubernetesObjects,
  object: pulumi.Input<StackObject>,
): pulumi.CustomResourceOptions {
  return {
    replacementTrigger: pulumi.all([anew, object]).apply(([counts, each]) => counts[nameOf(each)] ?? 0),
    // an object cannot stand beside its successor of the same name
    deleteBeforeReplace: true,
  };
}

/**
 * Annotations of an object that is written again when somebody has changed it: another count has Pulumi see something to
 * do, and what others have written into its fields gives way.
 */
export function writtenAgain(
  { again }: KubernetesObjects,
  object: pulumi.Input<StackObject>,
): pulumi.Output<Record<string, string>> {
  return pulumi.all([again, object]).apply(([counts, each]): Record<string, string> => {
    const count = counts[nameOf(each)];
    return count === undefined
      ? {}
      : { "kuma-federation/written-again": String(count), "pulumi.com/patchForce": "true" };
  });
}

export function systemNamespace({ namespace }: pulumi.Output<ChartNames>): pulumi.Output<StackObject> {
  return namespace.apply((name): StackObject => ({ kind: "Namespace", name, isShareable: true }));
}

/** The namespace of a control plane. One that others have made is used, and stays when the component goes. */
export function makeSystemNamespace(
  name: string,
  namespace: pulumi.Input<string>,
  { reference, role }: Cluster,
  opts: pulumi.CustomResourceOptions,
): KubernetesNamespace {
  return new KubernetesNamespace(name, { ...reference, role, namespace }, opts);
}
