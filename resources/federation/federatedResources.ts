import type { Drift, Manifest, OnDrift } from "../../kuma";
import type { FederationArgs } from "./federationArgs";
import { resource } from "../provider/resource";

export interface FederatedResourcesArgs extends FederationArgs {
  onDrift: OnDrift;
}

export interface FederatedResourcesOutputs {
  /** Everything that is carried, with the digest of its content. Filled in by `check`, so that previews show it. */
  resources: Manifest;
  /** What of it was missing or changed on the global when it was looked at last. */
  drift: Drift;
  /** Counts how often the global had lost a mesh, and with it all that is in it, and was given it again. */
  generation: number;
  /** The meshes that it had lost, each with that count when it was given it again for the last time. */
  refilled?: Record<string, number>;
  /** Meshes whose mTLS has ended with it, by a choice of the stack's; left out where it was federated before there was a record. */
  mtlsEnded?: string[];
  /** Proxies of the zone whose tokens have ended with it, as the key of the global stays. */
  tokensEnded?: string[];
  /** Names of what the zone owned and kept from KDS: it is in the zone alone. */
  local?: string[];
  /** Secret: what the zone held before, see kuma/federation/snapshot.ts. */
  snapshot: string;
  /** Secret: the admin token that the global accepts from now on, see `adminToken`. */
  adminToken?: string;
  /**
   * Secret: the token that opened the global once everything was read back from it, empty where it asks for none. It serves those
   * that join later, in place of all tokens of the zones before. Left out where the zone was federated before there was a record.
   */
  opener?: string;
  /** Secret: the key of the digests. */
  digestKey?: string;
}

/** Everything that a zone hands over to its global, there and read back. */
export class FederatedResources extends resource<FederatedResourcesArgs, FederatedResourcesOutputs>()(
  "federatedResources",
  {
    resources: "plain",
    drift: "plain",
    generation: "plain",
    refilled: "plain",
    mtlsEnded: "plain",
    tokensEnded: "plain",
    local: "plain",
    snapshot: "secret",
    adminToken: "secret",
    opener: "secret",
    digestKey: "key",
  },
) {}
