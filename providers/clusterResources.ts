import * as pulumi from "@pulumi/pulumi";
import type { ClusterReference } from "../platforms/kubernetes/cluster";
import type { Values } from "../platforms/kubernetes/helmRelease";
import type { StackObject } from "../platforms/kubernetes/stackObjects";
import { handledBy } from "./handler";
import type { Place } from "./obstacles";
import type { GlobalConnectionArgs, Inputs } from "./resources";

/** What the stack makes in a cluster: nothing of others stands in its way, and nothing of it is gone or changed. */
export class KubernetesObjects extends pulumi.dynamic.Resource {
  /** By name, how often it had to be made anew. */
  declare readonly anew: pulumi.Output<Record<string, number>>;
  /** By name, how often it had to be written again. */
  declare readonly again: pulumi.Output<Record<string, number>>;

  constructor(
    name: string,
    args: Inputs<ClusterReference & Place> &
      Partial<GlobalConnectionArgs> & {
        objects: StackObject[];
        ofRelease?: { namespace: string; name: string; objects: StackObject[] };
      },
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(
      handledBy("kubernetesObjects"),
      name,
      { ...args, anew: undefined, again: undefined, drift: undefined },
      opts,
    );
  }
}

/** What Pulumi is to give an adopted release. `values` must be secret. */
export class KubernetesUpgrade extends pulumi.dynamic.Resource {
  /** Secret. */
  declare readonly values: pulumi.Output<Values>;
  declare readonly chartVersion: pulumi.Output<string>;
  declare readonly description: pulumi.Output<string | undefined>;

  constructor(
    name: string,
    args: Inputs<
      ClusterReference & {
        zoneName: string;
        namespace: string;
        release: string;
        valuesKey?: string;
        chartVersion: string;
      }
    > & { values: pulumi.Input<Values> },
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(
      handledBy("kubernetesUpgrade"),
      name,
      { ...args, description: undefined },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["values"] }),
    );
  }
}
