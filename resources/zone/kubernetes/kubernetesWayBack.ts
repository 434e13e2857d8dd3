import { resource } from "../../provider/resource";
import type { Joining } from "../withheld";

export interface KubernetesWayBackArgs extends Joining {
  /** Where a way back notes how far it has come, relative to the program's directory. */
  directory: string;
  /** Secret: what the zone held before. */
  snapshot: string;
}

export interface KubernetesWayBackOutputs {
  /** Secret: everything that the zone's API showed before the switch, see kuma/ledger. */
  before?: string;
}

/** The way back of a zone in a cluster, whose release has its former values again by the time that this is deleted. */
export class KubernetesWayBack extends resource<KubernetesWayBackArgs, KubernetesWayBackOutputs>()(
  "kubernetesWayBack",
  {
    before: "secret",
  },
) {}
