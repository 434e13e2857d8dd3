import * as pulumi from "@pulumi/pulumi";
import { OnConflict } from "../kuma";
import { UniversalWayBack, UniversalZoneFederation } from "../providers/resources";
import { ControlPlaneApi } from "./controlPlaneApi";
import { FederationBridge } from "./federationBridge";
import { ZoneConfig } from "./stackConfig";

export interface ZoneControlPlaneArgs {
  zone: ZoneConfig;
  api: ControlPlaneApi;
  /** What the zone may dial, and what it held, come from the bridge: only once the global holds everything. */
  bridge: FederationBridge;
  onConflict: OnConflict;
}

/**
 * A zone control plane that belongs to a global: switched to it, online over several looks, and equal on both sides.
 * Taken out of the stack it runs alone again, with what it had.
 */
export class ZoneControlPlane extends pulumi.ComponentResource {
  readonly online: pulumi.Output<boolean>;
  readonly version: pulumi.Output<string>;

  constructor(name: string, args: ZoneControlPlaneArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kuma-federation:index:ZoneControlPlane", name, {}, opts);
    const { zone, api, bridge, onConflict } = args;
    const connections = {
      zoneName: zone.name,
      zoneUrl: api.url,
      zoneTokens: api.tokens,
      globalUrl: bridge.global.url,
      globalTokens: bridge.global.tokens,
    };
    const { directory } = zone;
    // before the switch, so that one that fails can be undone
    const wayBack = new UniversalWayBack(
      `${zone.name}-way-back`,
      { ...connections, directory, snapshot: bridge.snapshot },
      { parent: this },
    );
    const federation = new UniversalZoneFederation(
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
    this.online = federation.online;
    this.version = federation.version;
    this.registerOutputs({ online: this.online, version: this.version });
  }
}
