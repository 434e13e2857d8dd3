import * as pulumi from "@pulumi/pulumi";
import { checked } from "./arguments/checked";
import { countByType } from "../kuma";
import { FederatedResources, GlobalWayBack } from "../resources";
import { membershipAfter } from "./after";
import type { OnConflict, OnDrift, OnUndo } from "./arguments/choices";
import { type ConflictRule, onConflictOf } from "./arguments/conflicts";
import { type GlobalMembership, globalConnectionOf, zoneConnectionOf } from "./membership";
import { onceKnown } from "./arguments/onceKnown";
import { otherwise } from "./arguments/otherwise";
import { type PolicySource, policiesOf } from "./arguments/policySource";
import type { ZoneConnection } from "./arguments/zoneConnection";

export interface FederationBridgeArgs {
  /** The zone that is carried, from `ExistingZone`. */
  zone: pulumi.Input<ZoneConnection>;
  /** The global, from `GlobalControlPlane`; or from the zone that joins before this one. */
  join: pulumi.Input<GlobalMembership>;
  /**
   * Zones that join after this one, in that order: they are compared with it, with each other and with the global before anything
   * is written.
   *
   * @default those that come after this one among the followers of a bridge to the same global before it
   */
  followers?: pulumi.Input<pulumi.Input<ZoneConnection>[]>;
  /**
   * Names of zones that are switched side by side with this one and were carried before it. When this one leaves, they count
   * as zones that were there before it.
   *
   * @default none
   */
  switchedWith?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * What is done about what the global has with other content.
   *
   * @default "fail"
   */
  onConflict?: pulumi.Input<OnConflict>;
  /**
   * In place of `onConflict`: rules by resource, of which the first that fits decides.
   *
   * @default none
   */
  conflictRules?: pulumi.Input<pulumi.Input<ConflictRule>[]>;
  /**
   * What is done about what is missing or changed on the global later.
   *
   * @default "repairMissing"
   */
  onDrift?: pulumi.Input<OnDrift>;
  /**
   * What becomes on the global of what the zone brought there, when the zone leaves.
   *
   * @default "keepOnGlobal"
   */
  onUndo?: pulumi.Input<OnUndo>;
  /**
   * Policies that `MeshPolicies` writes to the global once the zone has joined: they are compared with what is there before
   * anything is written.
   *
   * @default none
   */
  policies?: PolicySource;
}

/**
 * Carries everything that a global has to own from a zone to the global. The address that the zone is to dial comes out
 * of it only when a read-back has shown that all of it is there: a mesh that is missing on the global is deleted in the
 * zone at its first connection.
 *
 * @example
 * ```ts
 * const bridge = new FederationBridge("zone-1", { zone: existing.zone, join: global.membership });
 * const zone = new ZoneControlPlane("zone-1", { adopt: existing.zone, join: bridge.membership });
 * ```
 */
export class FederationBridge extends pulumi.ComponentResource {
  /**
   * What the zone needs to join, and those that join after it: with the zone's signing keys the global accepts the zone's
   * tokens, and its own no longer.
   */
  readonly membership: GlobalMembership;
  /** Everything that was carried, by name, with the digest of its content. */
  readonly resources: pulumi.Output<{ [name: string]: string }>;
  /** How many resources of each type were carried. */
  readonly counts: pulumi.Output<{ [type: string]: number }>;

  constructor(name: string, args: FederationBridgeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kuma-federation:index:FederationBridge", name, {}, opts);
    args = checked(args, this);
    const federated = onceKnown(args.zone, (zone) =>
      onceKnown(args.join, (join) => this.carry(name, zone, join, args)),
    );
    this.membership = federated.membership;
    this.resources = federated.digests;
    this.counts = this.resources.apply((resources) => countByType(Object.keys(resources)));
    const { membership, resources, counts } = this;
    this.registerOutputs({ membership, resources, counts });
  }

  private carry(name: string, zone: ZoneConnection, join: GlobalMembership, args: FederationBridgeArgs) {
    const { policies, switchedWith } = args;
    const onDrift = otherwise(args.onDrift, "repairMissing");
    const onUndo = otherwise(args.onUndo, "keepOnGlobal");
    const { api, profile } = zone;
    const { kdsAddress, kdsCa, version: globalVersion, konnect } = join;
    const followers = followersOf(args.followers);
    const federation = {
      ...{ ...aloneOf(zone), ...globalConnectionOf(join.api), globalVersion, kdsAddress, kdsCa },
      onConflict: onConflictOf(args),
      ...(konnect && { hosted: true, kdsSystemCaFile: konnect.systemCaFile }),
    };
    // before anything is written, so that a federation that fails or is killed can be taken back
    const wayBack = new GlobalWayBack(
      `${name}-global-way-back`,
      {
        ...{ ...federation, onUndo },
        ...(profile === "federation-with-policies" && { handsOver: true }),
        ...(followers && { followers }),
        ...(switchedWith && { switchedWith }),
      },
      { parent: this },
    );
    const federated = new FederatedResources(
      `${name}-resources`,
      {
        ...{ ...federation, onDrift },
        ...(policies && { policies: policiesOf(policies, this) }),
      },
      { parent: this, dependsOn: wayBack },
    );
    const { resources, generation, refilled, snapshot } = federated;
    const { givenTokens = join.api.tokens ?? [] } = join;
    const isFirst = join.givenTokens === undefined;
    const tokens = [openersOf(federated, isFirst), ...(api.tokens ?? []), ...givenTokens];
    const membership: GlobalMembership = {
      // known as before, and only once all of it is carried
      ...membershipAfter(federated, { ...join, givenTokens, api: { ...join.api, tokens } }),
      carried: {
        ...{ kdsAddress: federated.kdsAddress, kdsCa: federated.kdsCa },
        ...{ resources, generation, snapshot },
        refilled: refilled as pulumi.Output<Record<string, number>>,
      },
    };
    // not by the name of `resources`, which an output has for its own
    return { membership, digests: resources };
  }
}

/**
 * What opens the global once a zone was carried. Of one that was carried before that was noted: the zone's admin token, and
 * what opened the global before, which the first zone's has among what the global was given. These are not looked at otherwise: a
 * zone may have no such token, and a preview takes that for unknown.
 */
function openersOf({ opener, adminToken, global }: FederatedResources, isFirst: boolean) {
  const openers = pulumi.output(opener).apply((noted) => {
    if (noted !== undefined) return noted === "" ? [] : [noted];
    return pulumi
      .all([adminToken, global])
      .apply(([own, { tokens = [] }]) => [own ?? [], isFirst ? [] : tokens].flat(2));
  });
  return pulumi.secret(openers);
}

function followersOf(followers: FederationBridgeArgs["followers"] = []) {
  if (!Array.isArray(followers))
    return pulumi.output(followers).apply((all) => all.map((each) => followerOf(each as ZoneConnection)));
  return followers.length === 0 ? undefined : followers.map((each) => onceKnown(each, followerOf));
}

function followerOf(zone: ZoneConnection) {
  return { ...aloneOf(zone), handsOver: zone.profile === "federation-with-policies" };
}

/** How the resources that plan a federation are told of a zone that runs alone. */
function aloneOf({ zoneName, api, started, runsHere = false, nextDatabase }: ZoneConnection) {
  return {
    ...zoneConnectionOf(zoneName, api),
    ...{ zoneStarted: started, zoneRunsHere: runsHere },
    ...(nextDatabase && { nextDatabase }),
  };
}
