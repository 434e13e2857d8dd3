import * as pulumi from "@pulumi/pulumi";
import { checked } from "./arguments/checked";
import type { OnConflict, OnDrift, OnFailedSwitch, Profile } from "./arguments/choices";
import { type ConflictRule, onConflictOf } from "./arguments/conflicts";
import { exactlyOne } from "./arguments/exactlyOne";
import type { NewKubernetesZoneArgs } from "./kubernetes/args";
import { ZoneOnGlobal } from "../resources";
import { type GlobalMembership, globalConnectionOf } from "./membership";
import { onceKnown } from "./arguments/onceKnown";
import { otherwise } from "./arguments/otherwise";
import type { CpTokenArgs, Member } from "./platform";
import { PLATFORMS } from "./platforms";
import { transferPolicies } from "./transferredPolicies";
import type { NewUniversalZoneArgs, SshArgs, ZoneEgressArgs, ZoneIngressArgs } from "./universal/args";
import type { ZoneConnection } from "./arguments/zoneConnection";

/** Exactly one of `adopt`, `kubernetes` and `universal` is given. */
export interface ZoneControlPlaneArgs {
  /** The global: the membership of the bridge that has carried the zone, or of a global for one that is installed. */
  join: pulumi.Input<GlobalMembership>;
  /**
   * A zone that ran alone, from `ExistingZone`.
   *
   * @default none
   */
  adopt?: pulumi.Input<ZoneConnection>;
  /**
   * A zone that is installed into a cluster.
   *
   * @default none
   */
  kubernetes?: NewKubernetesZoneArgs;
  /**
   * A zone that is installed on a host.
   *
   * @default none
   */
  universal?: NewUniversalZoneArgs;
  /**
   * Name of a zone that is installed; one that ran alone keeps its name.
   *
   * @default the component's name
   */
  zoneName?: pulumi.Input<string>;
  /**
   * Whether a zone in a cluster gets a zone ingress.
   *
   * @default true
   */
  ingress?: pulumi.Input<boolean>;
  /**
   * Whether a zone in a cluster gets a zone egress.
   *
   * @default left as it is
   */
  egress?: pulumi.Input<boolean>;
  /**
   * False disables the zone on the global: other zones no longer get its services and its zone ingress, so that calls to them
   * end or go to other zones. The zone itself goes on as it is. One that joins is disabled before it does; in Konnect, once it has.
   *
   * @default left as it is on the global, where a zone that joins is enabled
   */
  enabled?: pulumi.Input<boolean>;
  /**
   * A zone ingress for a zone on a host, or what the chart of one in a cluster is told of its own.
   *
   * @default none on a host, as the chart has it in a cluster
   */
  zoneIngress?: ZoneIngressArgs;
  /**
   * A zone egress for a zone on a host, or what the chart of one in a cluster is told of its own.
   *
   * @default none on a host, as the chart has it in a cluster
   */
  zoneEgress?: ZoneEgressArgs;
  /**
   * Other hosts on which data plane proxies of a zone on a host run, as units of systemd: they get new tokens there when theirs
   * end, as those on the host of the control plane do.
   *
   * @default none
   */
  proxyHosts?: SshArgs[];
  /**
   * The token that the zone shows a global of Kong Mesh that asks for it. Kuma 2 has none, and does not look at it.
   *
   * @default none
   */
  cpToken?: CpTokenArgs;
  /**
   * Which of the resources of a zone that is installed become the global's; one that ran alone has its own.
   *
   * @default "federation"
   */
  profile?: Profile;
  /**
   * With the profile `federation-with-policies`: names of the zones that join after this one. As long as one of them is on the
   * global, the policies stay there when this one leaves.
   *
   * @default none
   */
  laterZones?: pulumi.Input<pulumi.Input<string>[]>;
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
   * What is done about policies that are missing or changed on the global later.
   *
   * @default "repairMissing"
   */
  onDrift?: pulumi.Input<OnDrift>;
  /**
   * What becomes of a zone that ran alone, was switched and cannot be a member.
   *
   * @default "takeBack"
   */
  onFailedSwitch?: pulumi.Input<OnFailedSwitch>;
}

/**
 * A zone control plane that belongs to a global: switched to it, online in several samples, and equal on both sides.
 * Taken out of the program it runs alone again, with what it had.
 *
 * @example
 * ```ts
 * const zone = new ZoneControlPlane("zone-1", { adopt: existing.zone, join: bridge.membership });
 * const another = new ZoneControlPlane("zone-2", {
 *   kubernetes: { kubeconfig: cluster.kubeconfig },
 *   join: zone.membership,
 * });
 * ```
 */
export class ZoneControlPlane extends pulumi.ComponentResource {
  /** What the zone needs that joins next. */
  readonly membership: GlobalMembership;
  /** Address of the zone's API. */
  readonly apiUrl: pulumi.Output<string>;
  readonly online: pulumi.Output<boolean>;
  readonly version: pulumi.Output<string>;

  constructor(name: string, args: ZoneControlPlaneArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kuma-federation:index:ZoneControlPlane", name, {}, opts);
    args = checked(args, this);
    const kind = exactlyOne(args, ["adopt", "kubernetes", "universal"], this);
    if (kind === "adopt") this.assertLeavesToAdopted(args);
    const member = onceKnown(args.join, (join) =>
      kind === "adopt" ? this.adopt(name, join, args) : this.install(kind, name, join, args),
    );
    // what was carried is of this zone alone
    this.membership = onceKnown(args.join, membershipWithout);
    this.apiUrl = pulumi.output(member.api.url);
    this.online = member.online;
    this.version = member.version;
    const { membership, apiUrl, online, version } = this;
    this.registerOutputs({ membership, apiUrl, online, version });
  }

  /** What a zone has that ran alone is told by the component that has looked at it. */
  private assertLeavesToAdopted(args: ZoneControlPlaneArgs): void {
    const given = (["zoneName", "profile"] as const).find((each) => args[each] !== undefined);
    if (given !== undefined)
      throw new pulumi.ResourceError(
        `[${given}] is for a zone that is installed; give it to the ExistingZone that [adopt] comes from.`,
        this,
      );
  }

  private adopt(name: string, join: GlobalMembership, args: ZoneControlPlaneArgs): Member {
    return onceKnown(args.adopt as pulumi.Input<ZoneConnection>, (given, { platform, profile, release }) => {
      const zone: ZoneConnection = {
        ...{ ...given, platform },
        ...(given.release && release && { release: { ...given.release, importId: release.importId } }),
      };
      const { zoneName } = zone;
      const { join: switchOver } = PLATFORMS[platform as "kubernetes" | "universal"]();
      const member = switchOver(zone, { ...this.options(name, args), zoneName, join });
      return this.asMember(name, { zoneName, join, member, profile }, args);
    });
  }

  private install(
    kind: "kubernetes" | "universal",
    name: string,
    join: GlobalMembership,
    args: ZoneControlPlaneArgs,
  ): Member {
    const { profile } = args;
    const zoneName = otherwise(args.zoneName, name);
    return onceKnown(args[kind] as NewKubernetesZoneArgs, (given, { installer }) => {
      const zone = { ...given, ...(installer !== undefined && { installer }) };
      const { newZone } = PLATFORMS[kind]();
      const member = newZone(zone as never, { ...this.options(name, args), zoneName, join });
      return this.asMember(name, { zoneName, join, member, profile }, args);
    });
  }

  private options(name: string, args: ZoneControlPlaneArgs) {
    const { ingress, egress, zoneIngress, zoneEgress, proxyHosts, cpToken, enabled } = args;
    const onFailedSwitch = otherwise(args.onFailedSwitch, "takeBack");
    const onConflict = onConflictOf(args);
    return {
      ...{ name, parent: this, enabled, ingress, egress, onConflict, onFailedSwitch },
      ...(zoneIngress && { zoneIngress }),
      ...(zoneEgress && { zoneEgress }),
      ...(proxyHosts && { proxyHosts }),
      ...(cpToken && { cpToken }),
    };
  }

  /** With what there is of a zone on the global once it has joined: its Zone, and what it hands over. */
  private asMember(name: string, of: JoinedZone, args: ZoneControlPlaneArgs): Member {
    const { zoneName, join, member, profile } = of;
    const { enabled } = args;
    if (enabled !== undefined) {
      new ZoneOnGlobal(
        `${name}-on-global`,
        { ...globalConnectionOf(join.api), zoneName, enabled },
        { parent: this, dependsOn: member.joined },
      );
    }
    if (profile !== "federation-with-policies") return member;
    const onDrift = otherwise(args.onDrift, "repairMissing");
    const followers = otherwise(args.laterZones, []);
    const { api: zone, joined } = member;
    const onConflict = onConflictOf(args);
    const transfer = { zoneName, zone, join, joined, onDrift, onConflict, followers };
    transferPolicies(transfer, { name, parent: this });
    return member;
  }
}

interface JoinedZone {
  zoneName: pulumi.Input<string>;
  join: GlobalMembership;
  member: Member;
  profile?: string;
}

function membershipWithout({ carried: _, ...join }: GlobalMembership): GlobalMembership {
  return join;
}
