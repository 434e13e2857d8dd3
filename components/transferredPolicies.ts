import * as pulumi from "@pulumi/pulumi";
import type { OnConflict, OnDrift } from "../kuma";
import { PolicyHandover, PolicyWayBack } from "../resources";
import { type ControlPlaneApi, type GlobalMembership, connectionsOf } from "./membership";
import type { Place } from "./platform";

export interface TransferredPoliciesArgs {
  zoneName: pulumi.Input<string>;
  zone: ControlPlaneApi;
  join: GlobalMembership;
  /** The zone as a member: what is handed over goes after it has joined, and comes back before it leaves. */
  joined: pulumi.Resource;
  onConflict: pulumi.Input<OnConflict>;
  onDrift: pulumi.Input<OnDrift>;
  /** Zones that join after this one and hand over their policies as well. */
  followers: pulumi.Input<pulumi.Input<string>[]>;
}

/**
 * Makes a zone's policies the global's, for the profile `federation-with-policies`. Taken out of the program, the zone has
 * its own again before anything leaves the global.
 */
export function transferPolicies(args: TransferredPoliciesArgs, { name, parent }: Place): void {
  const { zoneName, zone, join, joined, onConflict, onDrift, followers } = args;
  const connections = connectionsOf(zoneName, zone, join.api);
  // before the handover, so that one that fails or is killed can be undone
  const { policies, originals, before } = new PolicyWayBack(
    `${name}-policies-way-back`,
    { ...connections, globalVersion: join.version, onConflict, followers },
    { parent, dependsOn: joined },
  );
  new PolicyHandover(
    `${name}-policies`,
    { ...connections, policies, originals: pulumi.secret(originals), before, onConflict, onDrift },
    { parent },
  );
}
