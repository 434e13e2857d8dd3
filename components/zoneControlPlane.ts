import * as pulumi from "@pulumi/pulumi";
import { OnConflict } from "../kuma";
import { UniversalWayBack, UniversalZoneFederation } from "../providers/resources";
import { FederationBridge } from "./federationBridge";
import { kubernetes } from "./kubernetes";
import type { Cluster } from "./kubernetes/clusters";
import type { NewZoneArgs } from "./kubernetes/zone";
import { UniversalZoneConfig, ZoneConfig } from "./stackConfig";
import { StandaloneZoneControlPlane } from "./standaloneZoneControlPlane";

/** A zone that ran alone. */
export interface FederatedZoneArgs {
  zone: ZoneConfig;
  /** The zone as it is. */
  alone: StandaloneZoneControlPlane;
  /** What the zone may dial, and what it held, come from the bridge: only once the global holds everything. */
  bridge: FederationBridge;
  onConflict: OnConflict;
  /** For platform kubernetes: where it runs. */
  cluster?: Cluster;
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
    if (!("bridge" in args)) return kubernetes().newZone(name, args, this);
    const { zone, alone, cluster, bridge, onConflict } = args;
    if (zone.platform === "universal") return this.universal(name, zone, alone, bridge, onConflict);
    const { api, installed } = alone;
    if (!cluster || !installed) throw new Error("a zone on Kubernetes needs its cluster and its release");
    return kubernetes().adoptedZone(name, { zone, cluster, api, installed, bridge }, this);
  }

  private universal(
    name: string,
    zone: UniversalZoneConfig,
    { api }: StandaloneZoneControlPlane,
    bridge: FederationBridge,
    onConflict: OnConflict,
  ): UniversalZoneFederation {
    const connections = {
      zoneName: zone.name,
      zoneUrl: api.url,
      zoneTokens: api.tokens,
      globalUrl: bridge.global.url,
      globalTokens: bridge.global.tokens,
      globalKubeconfig: bridge.global.kubeconfig,
    };
    const { directory } = zone;
    // before the switch, so that one that fails can be undone
    const wayBack = new UniversalWayBack(
      `${zone.name}-way-back`,
      { ...connections, directory, snapshot: bridge.snapshot },
      { parent: this },
    );
    return new UniversalZoneFederation(
      name,
      {
        ...connections,
        directory,
        kdsAddress: bridge.kds.address,
        kdsCa: bridge.kds.ca,
        resources: bridge.resources,
        generation: bridge.generation,
        snapshot: wayBack.snapshot,
        onConflict,
      },
      { parent: this },
    );
  }
}
