import * as pulumi from "@pulumi/pulumi";
import { OnConflict } from "../kuma";
import type { OnFailedSwitch } from "../platforms/failedSwitch";
import { KonnectZone, UniversalWayBack, UniversalZoneFederation } from "../resources";
import { type Hosted, connectionsOf } from "./controlPlaneApi";
import { FederationBridge } from "./federationBridge";
import { kubernetes } from "./kubernetes";
import type { Cluster } from "./kubernetes/clusters";
import type { KonnectMember, NewZoneArgs as InstalledZoneArgs } from "./kubernetes/zone";
import { UniversalZoneConfig, ZoneConfig } from "./config";
import { StandaloneZoneControlPlane } from "./standaloneZoneControlPlane";

/** A zone that ran alone. */
export interface FederatedZoneArgs {
  zone: ZoneConfig;
  /** The zone as it is. */
  alone: StandaloneZoneControlPlane;
  /** What the zone may dial, and what it held, come from the bridge: only once the global holds everything. */
  bridge: FederationBridge;
  onConflict: OnConflict;
  onFailedSwitch: OnFailedSwitch;
  /** For platform kubernetes: where it runs. */
  cluster?: Cluster;
  /** Where the global is one in Konnect. */
  hosted?: Hosted;
}

/** A zone that the stack installs. */
export interface NewZoneArgs extends Omit<InstalledZoneArgs, "konnect"> {
  /** Where the global is one in Konnect. */
  hosted?: Hosted;
}

export type ZoneControlPlaneArgs = FederatedZoneArgs | NewZoneArgs;

/**
 * A zone control plane that belongs to a global: switched to it, online over several looks, and equal on both sides.
 * Taken out of the stack it runs alone again, with what it had.
 */
export class ZoneControlPlane extends pulumi.ComponentResource {
  readonly online: pulumi.Output<boolean>;
  readonly version: pulumi.Output<string>;

  constructor(name: string, args: ZoneControlPlaneArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kuma-federation:index:ZoneControlPlane", name, {}, opts);
    const federation = this.federation(name, args);
    this.online = federation.online;
    this.version = federation.version;
    this.registerOutputs({ online: this.online, version: this.version });
  }

  private federation(name: string, args: ZoneControlPlaneArgs) {
    if (!("bridge" in args)) {
      const konnect = args.hosted && this.memberOf(args.hosted, args.zone.name);
      return kubernetes().newZone(name, { ...args, konnect }, this);
    }
    const { zone, alone, cluster, bridge } = args;
    if (zone.platform === "universal") return this.universal(name, zone, args);
    const { api, installed } = alone;
    if (!cluster || !installed) throw new Error("a zone on Kubernetes needs its cluster and its release");
    const konnect = args.hosted && this.memberOf(args.hosted, zone.name, bridge);
    const { onConflict, onFailedSwitch } = args;
    return kubernetes().adoptedZone(
      name,
      { zone, cluster, api, installed, bridge, konnect, onConflict, onFailedSwitch },
      this,
    );
  }

  private universal(
    name: string,
    zone: UniversalZoneConfig,
    { alone: { api }, bridge, onConflict, onFailedSwitch, hosted }: FederatedZoneArgs,
  ): UniversalZoneFederation {
    const connections = connectionsOf(zone.name, api, bridge.global);
    const { directory } = zone;
    // only once the global holds everything; removed after the zone has left
    const access = hosted && this.accessTo(hosted, zone.name, bridge);
    // before the switch, so that one that fails can be undone
    const wayBack = new UniversalWayBack(
      `${zone.name}-way-back`,
      { ...connections, directory, snapshot: bridge.snapshot },
      { parent: this, dependsOn: access },
    );
    return new UniversalZoneFederation(
      name,
      {
        ...connections,
        directory,
        kdsAddress: bridge.kds.address,
        kdsCa: bridge.kds.ca,
        ...(hosted && access && { konnect: membership(hosted, access) }),
        resources: bridge.resources,
        generation: bridge.generation,
        refilled: bridge.refilled,
        snapshot: wayBack.snapshot,
        before: wayBack.before,
        onConflict,
        onFailedSwitch,
      },
      { parent: this },
    );
  }

  private memberOf(hosted: Hosted, zoneName: string, bridge?: FederationBridge): KonnectMember {
    const access = this.accessTo(hosted, zoneName, bridge);
    return { controlPlaneId: hosted.controlPlaneId, token: access.zoneToken, access };
  }

  private accessTo({ config, controlPlaneId, token }: Hosted, zoneName: string, bridge?: FederationBridge) {
    const { region, addresses, zoneProvisioning: provisioning, tokenDays } = config;
    const { apiUrl, identityUrl } = addresses;
    return new KonnectZone(
      `${zoneName}-konnect-access`,
      { zoneName, controlPlaneId, region, apiUrl, identityUrl, token, provisioning, tokenDays },
      { parent: this, dependsOn: bridge },
    );
  }
}

function membership({ config, controlPlaneId }: Hosted, { zoneToken }: KonnectZone) {
  const { systemCaFile } = config;
  return pulumi.secret(
    pulumi
      .all([controlPlaneId, zoneToken])
      .apply(([id, token]) => ({ controlPlaneId: id, token, ...(systemCaFile && { systemCaFile }) })),
  );
}
