import * as pulumi from "@pulumi/pulumi";
import { apiUrl } from "../platforms/universal/settings";
import { StandaloneZone } from "../providers/resources";
import { ControlPlaneApi } from "./controlPlaneApi";
import { ZoneConfig } from "./stackConfig";

/**
 * A zone control plane as it is before the federation: it runs alone and is in use. The embedded default starts one on
 * this machine, so that there is something to federate.
 */
export class StandaloneZoneControlPlane extends pulumi.ComponentResource {
  readonly api: ControlPlaneApi;
  /** Unknown in previews as long as this stack has not started it. */
  readonly started: pulumi.Output<string>;

  constructor(name: string, args: ZoneConfig, opts?: pulumi.ComponentResourceOptions) {
    super("kuma-federation:index:StandaloneZoneControlPlane", name, {}, opts);
    const process = new StandaloneZone(`${name}-alone`, standaloneZoneArgs(args), { parent: this });
    this.started = process.id;
    // the address is known before the process runs, so that previews can read a zone that does
    this.api = { url: pulumi.output(apiUrl(args)), tokens: pulumi.secret<string[]>([]) };
    this.registerOutputs({ apiUrl: this.api.url });
  }
}

export function standaloneZoneArgs(zone: ZoneConfig) {
  const { name, directory, portBase, kumaCp, store, postgres, content } = zone;
  const portSetting = `portBase of zone ${name}`;
  return { name, directory, portBase, kumaCp, store, content, portSetting, ...(postgres && { postgres }) };
}
