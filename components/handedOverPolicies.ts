import * as pulumi from "@pulumi/pulumi";
import { Manifest, OnConflict, OnDrift } from "../kuma";
import { PolicyHandover, PolicyWayBack } from "../resources";
import { ControlPlaneApi, connectionsOf } from "./controlPlaneApi";

export interface HandedOverPoliciesArgs {
  zoneName: string;
  /** The zone as a member of the global: what is handed over goes after it has joined, and comes back before it leaves. */
  joined: pulumi.Resource;
  zone: ControlPlaneApi;
  global: ControlPlaneApi;
  /** Unknown as long as there is no global. */
  globalVersion: pulumi.Input<string>;
  onConflict: OnConflict;
  onDrift: OnDrift;
  /** Zones that join after this one and hand over their policies as well. */
  followers: string[];
}

/**
 * A zone's policies as the global's, for the profile `federation-with-policies`. Taken out of the stack, the zone has its own again before anything leaves the global.
 */
export class HandedOverPolicies extends pulumi.ComponentResource {
  /** By name, with the digest of what the global got. */
  readonly policies: pulumi.Output<Manifest>;

  constructor(name: string, args: HandedOverPoliciesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kuma-federation:index:HandedOverPolicies", name, {}, opts);
    const { zoneName, joined, zone, global, globalVersion, onConflict, onDrift, followers } = args;
    const connections = connectionsOf(zoneName, zone, global);
    // before the handover, so that one that fails or is killed can be undone
    const { policies, originals, before } = new PolicyWayBack(
      `${name}-way-back`,
      { ...connections, globalVersion, onConflict, followers },
      { parent: this, dependsOn: joined },
    );
    const handover = new PolicyHandover(
      name,
      { ...connections, policies, originals: pulumi.secret(originals), before, onConflict, onDrift },
      { parent: this },
    );
    this.policies = handover.handed;
    this.registerOutputs({});
  }
}
