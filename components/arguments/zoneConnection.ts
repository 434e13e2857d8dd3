import type * as pulumi from "@pulumi/pulumi";
import type { ControlPlaneApi } from "../membership";

/** The Helm release of a zone that runs in a cluster, as it is without a global. */
export interface ZoneRelease {
  /** `namespace/release`, plain: Pulumi takes no output for what it imports. */
  importId: string;
  context: pulumi.Input<string>;
  /** Content (secret) or path. */
  kubeconfig?: pulumi.Input<string>;
  clusterIdentifier: pulumi.Input<string>;
  product: pulumi.Input<string>;
  namespace: pulumi.Input<string>;
  release: pulumi.Input<string>;
  chart: pulumi.Input<string>;
  chartRepository?: pulumi.Input<string>;
  /** The version that it is to have, where that was chosen. */
  chartVersion?: pulumi.Input<string>;
  /** The version that is installed. */
  installedVersion: pulumi.Input<string>;
  /** Secret: the values that were set. */
  values: pulumi.Input<{ [key: string]: any }>; // eslint-disable-line @typescript-eslint/no-explicit-any
}

/** A database in which a zone keeps what it has. */
export interface ZoneDatabase {
  host: pulumi.Input<string>;
  port: pulumi.Input<number>;
  name: pulumi.Input<string>;
}

/**
 * A zone that runs alone, as what federates it sees it. Without enums: in YAML an output is none of the same name for an
 * argument (pulumi-yaml 1.36).
 */
export interface ZoneConnection {
  /** The name that the zone has. */
  zoneName: pulumi.Input<string>;
  /** Where it runs: `kubernetes` or `universal`. */
  platform: string;
  /** As the zone is today. */
  api: ControlPlaneApi;
  /** Unknown as long as the zone is still to be started by this same run; any value where it runs anyway. */
  started: pulumi.Input<string>;
  /** Where what is kept of it lies, relative to the program's directory. */
  directory: pulumi.Input<string>;
  /**
   * The zone dials from this machine.
   *
   * @default false
   */
  runsHere?: pulumi.Input<boolean>;
  /** Where a zone on PostgreSQL is moved to when it is federated. */
  nextDatabase?: ZoneDatabase;
  /** Set for a zone in a cluster. */
  release?: ZoneRelease;
  /**
   * Which of its resources become the global's.
   *
   * @default "federation"
   */
  profile?: string;
}
