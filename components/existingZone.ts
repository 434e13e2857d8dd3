import * as pulumi from "@pulumi/pulumi";
import { checked } from "./arguments/checked";
import type { Profile } from "./arguments/choices";
import { exactlyOne } from "./arguments/exactlyOne";
import type { KubernetesZoneArgs } from "./kubernetes/args";
import { PLATFORMS } from "./platforms";
import type { UniversalZoneArgs } from "./universal/args";
import { directoryOf } from "./arguments/directory";
import { otherwise } from "./arguments/otherwise";
import type { ZoneConnection } from "./arguments/zoneConnection";
import { onceKnown } from "./arguments/onceKnown";

/** Exactly one of `kubernetes` and `universal` is given. */
export interface ExistingZoneArgs {
  /**
   * One that Helm has installed into a cluster.
   *
   * @default none
   */
  kubernetes?: KubernetesZoneArgs;
  /**
   * One that runs as a process on this machine, or as a unit of systemd on hosts.
   *
   * @default none
   */
  universal?: UniversalZoneArgs;
  /**
   * The name that the zone has.
   *
   * @default the component's name
   */
  zoneName?: pulumi.Input<string>;
  /**
   * False where it is to run alone: a release that still has the values of a federation is given those that it had
   * before.
   *
   * @default true
   */
  federated?: pulumi.Input<boolean>;
  /**
   * Which of its resources become the global's when it joins.
   *
   * @default "federation"
   */
  profile?: Profile;
  /**
   * Where what is kept of it lies, relative to the program's directory.
   *
   * @default ".kuma-federation/<stack>/<name>"
   */
  directory?: pulumi.Input<string>;
}

/**
 * A zone control plane that runs alone and is in use, as it is. One in a cluster is looked at, and not changed; one on this
 * machine is started where it does not run.
 *
 * @example
 * ```ts
 * const existing = new ExistingZone("zone-1", { kubernetes: { kubeconfig: cluster.kubeconfig } });
 * const bridge = new FederationBridge("zone-1", { zone: existing.zone, join: global.membership });
 * ```
 */
export class ExistingZone extends pulumi.ComponentResource {
  /** The zone, for a bridge and for the component that has it join. */
  readonly zone: ZoneConnection;
  /** Address of its API. */
  readonly apiUrl: pulumi.Output<string>;

  constructor(name: string, args: ExistingZoneArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kuma-federation:index:ExistingZone", name, {}, opts);
    args = checked(args, this);
    const kind = exactlyOne(args, ["kubernetes", "universal"], this);
    const options = {
      ...{ name, parent: this, ...(args.profile && { profile: args.profile }) },
      zoneName: otherwise(args.zoneName, name),
      federated: otherwise(args.federated, true),
      directory: otherwise(args.directory, directoryOf(name)),
    };
    this.zone = onceKnown(args[kind] as pulumi.Input<object>, (given, known) => {
      // always given in plain
      const { product, namespace, release } = known as KubernetesZoneArgs;
      return PLATFORMS[kind]().existingZone({ ...given, product, namespace, release } as never, options);
    });
    this.apiUrl = pulumi.output(this.zone.api.url);
    this.registerOutputs({ zone: this.zone, apiUrl: this.apiUrl });
  }
}
