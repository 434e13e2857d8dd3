import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { currentContext, isContent } from "../../platforms/kubernetes/cluster";
import { KubernetesClusters } from "../../resources";
import type { ClusterArgs } from "./args";

/** A cluster, as the resources of a component use it. */
export interface Cluster {
  /** Made when it is asked for. */
  readonly provider: k8s.Provider;
  /** How programs outside of the provider reach it. */
  reference: ClusterReference;
  /** Of the cluster itself, whatever its address is. */
  identity: pulumi.Output<string>;
  /** Whose control plane it holds: `global`, `zone zone-1`. */
  role: pulumi.Input<string>;
}

interface ClusterReference {
  context: pulumi.Input<string>;
  kubeconfig?: pulumi.Input<string>;
}

/**
 * The cluster of a component, with a provider of the component's own, so that nothing can end up in one that happens to be
 * the current one; or with the provider that the component is given in its options.
 */
export function clusterOf(
  name: string,
  args: ClusterArgs,
  role: pulumi.Input<string>,
  parent: pulumi.Resource,
): Cluster {
  assertNamed(args, parent);
  const reference = referenceOf(args);
  const identity =
    args.clusterIdentifier === undefined
      ? new KubernetesClusters(
          `${name}-cluster`,
          { clusters: { [name]: reference } },
          { parent },
        ).identities.apply((known) => known[name])
      : pulumi.output(args.clusterIdentifier);
  let provider: k8s.Provider | undefined;
  return {
    ...{ reference, identity, role },
    get provider() {
      return (provider ??= given(parent) ?? ownProvider(name, reference, identity, parent));
    },
  };
}

/** A provider does not tell which cluster is its own, and what is read beside it may not come from another one. */
function assertNamed({ kubeconfig, context }: ClusterArgs, parent: pulumi.Resource): void {
  if (given(parent) === undefined || kubeconfig !== undefined || context !== undefined) return;
  throw new pulumi.ResourceError(
    "The options have a provider for Kubernetes, and neither [kubernetes.kubeconfig] nor [kubernetes.context] is given: " +
      "what this component reads itself would come from the current context, which may be another cluster. Give that provider's.",
    parent,
  );
}

function given(parent: pulumi.Resource): k8s.Provider | undefined {
  return parent.getProvider("kubernetes:core/v1:Namespace") as k8s.Provider | undefined;
}

function ownProvider(
  name: string,
  reference: ClusterReference,
  identity: pulumi.Output<string>,
  parent: pulumi.Resource,
): k8s.Provider {
  return new k8s.Provider(
    `${name}-cluster`,
    {
      ...reference,
      // an address may change, and with it would go every resource of the cluster
      clusterIdentifier: identity,
      // what a run has made that was killed before it could note it; what is of others is found before (KubernetesObjects)
      upsertExistingObjects: true,
    },
    { parent },
  );
}

/** The content of a kubeconfig holds credentials, so it is a secret from here on. */
function referenceOf({ kubeconfig, context }: ClusterArgs): ClusterReference {
  const isPath = typeof kubeconfig === "string" && !isContent(kubeconfig);
  const own = kubeconfig === undefined || isPath ? kubeconfig : pulumi.secret(kubeconfig);
  return {
    context: context ?? pulumi.unsecret(pulumi.output(own).apply(currentContext)),
    ...(own !== undefined && { kubeconfig: own }),
  };
}
