import type { Manifest, OnConflict } from "../../kuma";
import type { Connections } from "../connections";
import { resource } from "../provider/resource";

export interface PolicyWayBackArgs extends Connections {
  /** Unknown as long as there is no global. */
  globalVersion: string;
  onConflict: OnConflict;
  /** Zones that join after this one: they may come to rely on its policies. */
  followers: string[];
}

export interface PolicyWayBackOutputs {
  /** What becomes the global's, with the digest of its content. Filled in by `check`, so that previews show it. */
  policies: Manifest;
  /** Secret, as a policy may hold a password in place: the policies as the zone had them. Packed, see kuma/federation/snapshot.ts. */
  originals: string;
  /** Keys of those that were not on the global before. */
  added: string[];
  /** Secret: everything that the zone's API showed before they were handed over, see kuma/ledger. */
  before?: string;
  /** Secret: the key of the digests. */
  digestKey?: string;
}

/**
 * The record of what a zone's policies were, made before they are handed over to the global. Deleted, it gives them back
 * to the zone and then takes off the global what was added there.
 */
export class PolicyWayBack extends resource<PolicyWayBackArgs, PolicyWayBackOutputs>()("policyWayBack", {
  policies: "plain",
  originals: "secret",
  added: "plain",
  before: "secret",
  digestKey: "key",
}) {}
