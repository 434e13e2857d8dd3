import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { controlPlaneService, namesOf } from "../../platforms/kubernetes/products";
import { FOUND_ANNOTATION, StackObject, nameOf } from "../../platforms/kubernetes/stackObjects";
import { KubernetesObjects } from "../../resources";
import type { Inputs } from "../../resources";
import type { GlobalConnection } from "../../resources/connections";
import { Cluster } from "./clusters";
import { KubernetesConfig } from "./config";

export interface StackObjectsArgs {
  cluster: Cluster;
  /** The zones that cannot be federated without them. */
  zones: string[];
  objects: StackObject[];
  /** The control plane that comes with them. */
  controlPlane?: KubernetesConfig;
  /** The global that zones may be connected with through them. */
  global?: Inputs<GlobalConnection>;
}

/** Looks at what the stack makes in a cluster, before any of it is made. */
export function stackObjects(
  name: string,
  { cluster, zones, objects, controlPlane, global }: StackObjectsArgs,
  opts?: pulumi.CustomResourceOptions,
): KubernetesObjects {
  const { reference, role } = cluster;
  return new KubernetesObjects(
    name,
    {
      ...reference,
      role,
      zones,
      objects,
      ...(controlPlane && { ofRelease: ofRelease(controlPlane) }),
      ...global,
    },
    opts,
  );
}

/** What tells that another control plane is in the cluster, or in the namespace (charts/kuma 2.14.3, templates). */
function ofRelease({ namespace, release, product }: KubernetesConfig) {
  const { prefix } = namesOf(product);
  const objects: StackObject[] = [
    { kind: "Service", namespace, name: controlPlaneService(product) },
    { kind: "ClusterRole", name: `${prefix}-control-plane` },
    { kind: "MutatingWebhookConfiguration", name: `${prefix}-admission-mutating-webhook-configuration` },
  ];
  return { namespace, name: release, objects };
}

/** Options of an object that is made anew when it is gone, or cannot become what the stack wants. */
export function madeAnew({ anew }: KubernetesObjects, object: StackObject): pulumi.CustomResourceOptions {
  return {
    replacementTrigger: anew.apply((counts) => counts[nameOf(object)] ?? 0),
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
  object: StackObject,
): pulumi.Output<Record<string, string>> {
  return again.apply((counts): Record<string, string> => {
    const count = counts[nameOf(object)];
    return count === undefined
      ? {}
      : { "kuma-federation/written-again": String(count), "pulumi.com/patchForce": "true" };
  });
}

export function systemNamespace(namespace: string): StackObject {
  return { kind: "Namespace", name: namespace, isShareable: true };
}

/** The namespace of a control plane. One that others have made is used, and stays when the stack goes. */
export function makeSystemNamespace(
  name: string,
  namespace: string,
  { provider, hasFoundNamespace }: Cluster,
  objects: KubernetesObjects,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.Namespace {
  const annotations = hasFoundNamespace ? { annotations: { [FOUND_ANNOTATION]: "true" } } : {};
  return new k8s.core.v1.Namespace(
    name,
    { metadata: { name: namespace, labels: { "kuma.io/system-namespace": "true" }, ...annotations } },
    pulumi.mergeOptions(opts, {
      provider,
      ...madeAnew(objects, systemNamespace(namespace)),
      ...(hasFoundNamespace && { retainOnDelete: true }),
      dependsOn: objects,
    }),
  );
}
