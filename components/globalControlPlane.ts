import * as pulumi from "@pulumi/pulumi";
import { checked } from "./arguments/checked";
import { exactlyOne } from "./arguments/exactlyOne";
import type { ExistingGlobalArgs } from "./existing/args";
import type { KonnectGlobalArgs } from "./konnect/args";
import type { KubernetesGlobalArgs } from "./kubernetes/args";
import { type GlobalMembership } from "./membership";
import { onceKnown } from "./arguments/onceKnown";
import { otherwise } from "./arguments/otherwise";
import type { GlobalOptions, GlobalParts } from "./platform";
import { PLATFORMS } from "./platforms";
import type { UniversalGlobalArgs } from "./universal/args";

/** Exactly one of `kubernetes`, `universal`, `konnect` and `existing` is given. */
export interface GlobalControlPlaneArgs {
  /**
   * Installs it into a cluster.
   *
   * @default none
   */
  kubernetes?: KubernetesGlobalArgs;
  /**
   * Runs it as a process on this machine, or installs it on hosts.
   *
   * @default none
   */
  universal?: UniversalGlobalArgs;
  /**
   * Finds or makes one that Kong hosts.
   *
   * @default none
   */
  konnect?: KonnectGlobalArgs;
  /**
   * Uses one that others run.
   *
   * @default none
   */
  existing?: ExistingGlobalArgs;
  /**
   * Token of an admin, or one of Konnect's. It becomes a secret.
   *
   * @default none is needed on this machine, and a cluster keeps it; one that others run trusts this machine
   */
  apiToken?: pulumi.Input<string>;
  /**
   * Makes the mesh `default` at the first start. Only where every zone is new: a mesh without the zone's authority would
   * win over the zone's. A later change of it is not looked at, as it would restart the control plane for nothing.
   *
   * @default false
   */
  createDefaultMesh?: pulumi.Input<boolean>;
  /**
   * Names of the zones that are to join it, for messages.
   *
   * @default none
   */
  zones?: pulumi.Input<pulumi.Input<string>[]>;
}

/**
 * The global control plane that zones are federated with: one that is installed into a cluster, one that runs on this
 * machine, one in Konnect, or one that others run.
 *
 * @example
 * ```ts
 * const global = new GlobalControlPlane("global", {
 *   kubernetes: { kubeconfig: cluster.kubeconfig, kds: { sourceRanges: ["203.0.113.0/24"] } },
 * });
 * export const kdsAddress = global.kdsAddress;
 * ```
 */
export class GlobalControlPlane extends pulumi.ComponentResource {
  /** What a zone needs to join it. */
  readonly membership: GlobalMembership;
  /** What zones dial: `grpcs://host:port`. */
  readonly kdsAddress: pulumi.Output<string>;
  /** PEM of the authority of the KDS server's certificate; empty for the system's authorities. */
  readonly kdsCa: pulumi.Output<string>;
  /** Address of its API. */
  readonly apiUrl: pulumi.Output<string>;
  /** `Kuma` or `Kong Mesh`. */
  readonly product: pulumi.Output<string>;
  /** Unknown in previews as long as there is none. */
  readonly version: pulumi.Output<string>;
  readonly guiUrl: pulumi.Output<string>;
  /** What has to run while somebody looks there, for one in a cluster. */
  readonly guiCommand?: pulumi.Output<string>;

  constructor(name: string, args: GlobalControlPlaneArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kuma-federation:index:GlobalControlPlane", name, {}, opts);
    args = checked(args, this);
    // not the rest of them as a whole: they may be an output
    const parts = globalOf(args, {
      ...{ name, parent: this },
      ...(args.apiToken !== undefined && { apiToken: pulumi.secret(args.apiToken) }),
      createDefaultMesh: otherwise(args.createDefaultMesh, false),
      zones: otherwise(args.zones, []),
    });
    const { api, konnect, kdsAddress, kdsCa, version } = parts;
    this.membership = { api, kdsAddress, kdsCa, version, ...(konnect && { konnect }) };
    this.kdsAddress = kdsAddress;
    this.kdsCa = kdsCa;
    this.apiUrl = pulumi.output(api.url);
    this.product = parts.product;
    this.version = version;
    this.guiUrl = parts.guiUrl;
    if (parts.guiCommand) this.guiCommand = parts.guiCommand;
    const { membership, apiUrl, product, guiUrl, guiCommand } = this;
    this.registerOutputs({
      ...{ membership, kdsAddress, kdsCa, apiUrl, product, version, guiUrl, guiCommand },
    });
  }
}

function globalOf(args: GlobalControlPlaneArgs, options: GlobalOptions): GlobalParts {
  const kind = exactlyOne(args, ["kubernetes", "universal", "konnect", "existing"], options.parent);
  return onceKnown(args[kind] as pulumi.Input<object>, (given) =>
    PLATFORMS[kind]().global(given as never, options),
  );
}
