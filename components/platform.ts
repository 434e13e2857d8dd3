import type * as pulumi from "@pulumi/pulumi";
import type { OnConflict } from "../kuma";
import type { OnFailedSwitch, Profile } from "./arguments/choices";
import type { ControlPlaneApi, GlobalMembership, KonnectMembership } from "./membership";
import type { SshArgs, ZoneEgressArgs, ZoneIngressArgs } from "./universal/args";
import type { ZoneConnection } from "./arguments/zoneConnection";

/**
 * A token with which a zone's control plane connects with a global of Kong Mesh that asks for it (`cpToken`). The global issues it,
 * for an admin.
 */
export interface CpTokenArgs {
  /**
   * Secret: one that was issued elsewhere, for the name of the zone and the scope `cp`.
   *
   * @default none: the global issues one
   */
  token?: pulumi.Input<string>;
  /**
   * Days until the token that the global issues ends; the first `up` within 30 days before has another one issued, and restarts the
   * zone's control plane with it.
   *
   * @default 365
   */
  tokenDays?: pulumi.Input<number>;
}

/** Whose resources are made, and under which name. */
export interface Place {
  /** Of the component: names of its children begin with it. */
  name: string;
  parent: pulumi.ComponentResource;
}

/** What every platform is told of a global. */
export interface GlobalOptions extends Place {
  /** An admin's token, or one of Konnect's. Secret. */
  apiToken?: pulumi.Output<string>;
  /** It makes the mesh `default` at its first start. */
  createDefaultMesh: pulumi.Input<boolean>;
  /** Names of the zones that are to be federated with it, for messages. */
  zones: pulumi.Input<pulumi.Input<string>[]>;
}

/** A global, reached. */
export interface GlobalParts {
  api: ControlPlaneApi;
  kdsAddress: pulumi.Output<string>;
  /** PEM; empty for the system's authorities. */
  kdsCa: pulumi.Output<string>;
  product: pulumi.Output<string>;
  /** Unknown in previews as long as there is none. */
  version: pulumi.Output<string>;
  guiUrl: pulumi.Output<string>;
  /** What has to run while somebody looks there. */
  guiCommand?: pulumi.Output<string>;
  konnect?: KonnectMembership;
}

/** What every platform is told of a zone that runs alone. */
export interface ZoneOptions extends Place {
  zoneName: pulumi.Input<string>;
  directory: pulumi.Input<string>;
  profile?: Profile;
  /** False where the zone is to run alone. */
  federated: pulumi.Input<boolean>;
}

/** What every platform is told of a zone that joins. */
export interface JoinOptions extends Place {
  zoneName: pulumi.Input<string>;
  join: GlobalMembership;
  enabled?: pulumi.Input<boolean>;
  ingress?: pulumi.Input<boolean>;
  egress?: pulumi.Input<boolean>;
  /** What is said of them, on a host and in a cluster. */
  zoneIngress?: ZoneIngressArgs;
  zoneEgress?: ZoneEgressArgs;
  /** Other hosts on which proxies of a zone on a host run. */
  proxyHosts?: SshArgs[];
  cpToken?: CpTokenArgs;
  onConflict: pulumi.Input<OnConflict>;
  onFailedSwitch: pulumi.Input<OnFailedSwitch>;
}

/** A zone that is a member of its global. */
export interface Member {
  /** How it is reached. */
  api: ControlPlaneApi;
  /** Last of what it consists of. */
  joined: pulumi.Resource;
  online: pulumi.Output<boolean>;
  version: pulumi.Output<string>;
}

/** What it takes to reach global control planes of one kind: to make, find or look at one. */
export interface Platform<GlobalArgs> {
  global(args: GlobalArgs, options: GlobalOptions): GlobalParts;
}

/** What it takes besides to reach, start, switch and take back zones. */
export interface ZonePlatform<GlobalArgs, ZoneArgs> extends Platform<GlobalArgs> {
  /** Looks at a zone that runs alone, or starts it. */
  existingZone(args: ZoneArgs, options: ZoneOptions): ZoneConnection;
  /** Switches a zone that ran alone to its global; taken out of the program, it runs alone again. */
  join(zone: ZoneConnection, options: JoinOptions): Member;
}

/** What it takes besides to install zones, which join their global as soon as they start. */
export interface InstallingPlatform<GlobalArgs, ZoneArgs, NewZoneArgs> extends ZonePlatform<
  GlobalArgs,
  ZoneArgs
> {
  newZone(args: NewZoneArgs, options: JoinOptions): Member;
}
