import type { Drift } from "../../kuma";
import type { ClusterReference } from "../../platforms/kubernetes/cluster";
import type { StackObject } from "../../platforms/kubernetes/stackObjects";
import type { GlobalConnection } from "../connections";
import type { Place } from "./obstacles";
import { resource } from "../provider/resource";

export interface KubernetesObjectsArgs extends Place, ClusterReference, Partial<GlobalConnection> {
  /** What the stack makes itself. */
  objects: StackObject[];
  /** What the stack's release is to make, with the release; in a cluster there is one of each. */
  ofRelease?: { namespace: string; name: string; objects: StackObject[] };
}

export interface KubernetesObjectsOutputs {
  /** Filled in by `check`, by name: how often it had to be recreated, as somebody had deleted it or it cannot be changed. */
  anew: Record<string, number>;
  /** Filled in by `check`, by name: how often it had to be written again, as somebody had changed it. */
  again: Record<string, number>;
  /** What a refresh has found. */
  drift: Drift;
}

/** What the stack makes in a cluster: nothing of others stands in its way, and nothing of it is gone or changed. */
export class KubernetesObjects extends resource<KubernetesObjectsArgs, KubernetesObjectsOutputs>()(
  "kubernetesObjects",
  {
    anew: "plain",
    again: "plain",
    drift: "plain",
  },
) {}
