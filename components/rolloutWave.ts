import * as pulumi from "@pulumi/pulumi";
import { assertWithin } from "./arguments/bounds";
import { SETTLE_SECONDS } from "./arguments/limits";
import { checked } from "./arguments/checked";
import { SettledZones } from "../resources";
import { membershipAfter } from "./after";
import { type GlobalMembership, globalConnectionOf } from "./membership";
import { onceKnown } from "./arguments/onceKnown";
import { otherwise } from "./arguments/otherwise";

export interface RolloutWaveArgs {
  /** The global: the membership of the zone of the wave that was carried last. */
  join: pulumi.Input<GlobalMembership>;
  /** Names of the zones of the wave. */
  zoneNames: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Seconds for which all of them have to stay online, each on one connection and without a refusal.
   *
   * @default 60
   */
  settle?: pulumi.Input<number>;
  /**
   * Names of the zones that are switched after this wave, which a failure names as not touched.
   *
   * @default none
   */
  laterZones?: pulumi.Input<pulumi.Input<string>[]>;
}

/**
 * A wave of zones that were switched side by side, and have settled. What joins next uses its membership, and so begins only
 * then. The zones themselves are given by the option `dependsOn`.
 *
 * @example
 * ```ts
 * const wave = new RolloutWave(
 *   "wave-1",
 *   { join: zone.membership, zoneNames: ["zone-1"], settle: 60 },
 *   { dependsOn: [zone] },
 * );
 * const next = new FederationBridge("zone-2", { zone: existing.zone, join: wave.membership });
 * ```
 */
export class RolloutWave extends pulumi.ComponentResource {
  /** What the zones of the next wave need: it comes once those of this one have settled. */
  readonly membership: GlobalMembership;

  constructor(name: string, args: RolloutWaveArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kuma-federation:index:RolloutWave", name, {}, opts);
    args = checked(args, this);
    const { zoneNames } = args;
    const settle = otherwise(args.settle, DEFAULT_SETTLE);
    const laterZones = otherwise(args.laterZones, []);
    assertWithin(settle, SETTLE_SECONDS, "settle", this);
    this.membership = onceKnown(args.join, ({ carried: _, ...join }) => {
      const { kdsAddress } = join;
      const settled = new SettledZones(
        `${name}-settled`,
        { ...globalConnectionOf(join.api), zoneNames, settle, laterZones, kdsAddress },
        { parent: this },
      );
      return membershipAfter(settled, join);
    });
    const { membership } = this;
    this.registerOutputs({ membership });
  }
}

const DEFAULT_SETTLE = 60;
