import type { Drift, Resource, StoredDigests, VersionedPolicies } from "../../kuma";
import type { GlobalConnection } from "../connections";
import { resource } from "../provider/resource";

export interface MeshPoliciesArgs extends GlobalConnection {
  /** In Kuma's universal form, for every version of a global. */
  available: VersionedPolicies;
  /** Unknown in previews as long as there is no global. */
  globalVersion: string;
}

export interface MeshPoliciesOutputs {
  /** Those of them that are for the global's version. Filled in by `check`, so that previews show them. */
  policies: Resource[];
  stored: StoredDigests;
  /** As it was when it was looked at last. */
  drift: Drift;
  /** Secret: the key of the digests. */
  digestKey?: string;
}

/** Policies on the global: of those that are available, the ones that are for its version. */
export class MeshPolicies extends resource<MeshPoliciesArgs, MeshPoliciesOutputs>()("meshPolicies", {
  policies: "plain",
  stored: "plain",
  drift: "plain",
  digestKey: "key",
}) {}
