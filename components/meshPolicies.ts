import * as pulumi from "@pulumi/pulumi";
import { checked } from "./arguments/checked";
import { MeshPolicies as WrittenPolicies } from "../resources";
import { type GlobalMembership, globalConnectionOf } from "./membership";
import { onceKnown } from "./arguments/onceKnown";
import { type PolicySource, policiesOf } from "./arguments/policySource";

/** Exactly one of `directory` and `policies` is given. */
export interface MeshPoliciesArgs extends PolicySource {
  /** The global, from the zone that has joined it first. */
  join: pulumi.Input<GlobalMembership>;
}

/**
 * Policies that are written to a global, which sends them to its zones. Taken out of the program they are taken off the
 * global, but for those that somebody has changed there.
 *
 * @example
 * ```ts
 * new MeshPolicies("policies", { directory: "policies", join: zone.membership }, { dependsOn: zone });
 * ```
 */
export class MeshPolicies extends pulumi.ComponentResource {
  /** Names of those that are for the global's version. */
  readonly names: pulumi.Output<string[]>;

  constructor(name: string, args: MeshPoliciesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kuma-federation:index:MeshPolicies", name, {}, opts);
    args = checked(args, this);
    const available = policiesOf(args, this, (note) => void pulumi.log.info(note, this));
    const written = onceKnown(args.join, (join) => {
      const connection = globalConnectionOf(join.api);
      return new WrittenPolicies(
        name,
        { ...connection, available, globalVersion: join.version },
        { parent: this },
      );
    });
    this.names = written.stored.apply((stored) => Object.keys(stored));
    this.registerOutputs({ names: this.names });
  }
}
