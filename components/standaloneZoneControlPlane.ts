import * as pulumi from "@pulumi/pulumi";
import type { Database } from "../kuma";
import { nextDatabase } from "../platforms/universal/postgresStore";
import { apiUrl } from "../platforms/universal/settings";
import { KubernetesRelease, StandaloneZone } from "../resources";
import { ControlPlaneApi, localAdminTokens } from "./controlPlaneApi";
import { kubernetes } from "./kubernetes";
import type { Cluster } from "./kubernetes/clusters";
import { ZoneConfig } from "./config";
import { standaloneZoneArgs } from "./standaloneZoneArgs";

export interface StandaloneZoneControlPlaneArgs {
  zone: ZoneConfig;
  /** For platform kubernetes: where it runs. */
  cluster?: Cluster;
}

/**
 * A zone control plane as it is before the federation: it runs alone and is in use. One in a cluster is looked at; the
 * embedded default starts one on this machine, so that there is something to federate.
 */
export class StandaloneZoneControlPlane extends pulumi.ComponentResource {
  readonly api: ControlPlaneApi;
  /** Unknown in previews as long as this stack has not started it. */
  readonly started: pulumi.Output<string>;
  /** The release of a zone in a cluster. */
  readonly installed?: KubernetesRelease;
  /** Where a zone on Postgres is moved to when it is federated. */
  readonly nextDatabase?: Database;

  constructor(name: string, args: StandaloneZoneControlPlaneArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kuma-federation:index:StandaloneZoneControlPlane", name, {}, opts);
    const { zone, cluster } = args;
    if (zone.platform === "universal") {
      const process = new StandaloneZone(`${name}-alone`, standaloneZoneArgs(zone), { parent: this });
      this.started = process.id;
      this.nextDatabase = zone.postgres && nextDatabase(zone.postgres);
      // the address is known before the process runs, so that previews can read a zone that does
      this.api = {
        url: pulumi.output(apiUrl(zone)),
        tokens: [localAdminTokens(zone.directory, process.id)],
      };
    } else {
      if (!cluster) throw new Error("a zone on Kubernetes needs its cluster");
      const { adoptedRelease, installedRelease, zoneApi } = kubernetes();
      this.installed = installedRelease(zone, cluster, this);
      this.started = this.installed.chartVersion;
      this.api = zoneApi(zone, cluster);
      if (cluster.takeBack) adoptedRelease(zone, cluster, this.installed, (values) => values);
    }
    this.registerOutputs({ apiUrl: this.api.url });
  }
}
