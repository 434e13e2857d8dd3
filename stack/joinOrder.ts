import * as pulumi from "@pulumi/pulumi";
import {
  type ExistingZone,
  type FederationBridge,
  type FederationBridgeArgs,
  type GlobalControlPlane,
  type GlobalMembership,
  RolloutWave,
  type ZoneControlPlane,
  type ZoneControlPlaneArgs,
} from "../components";
import type { ExistingStackZone, NewStackZone, Stack } from "./read";
import { wavesOf } from "./waves";

/** A zone that is there, as it is today. */
interface LoneZone extends ExistingStackZone {
  alone: ExistingZone;
}

/** Zones that are switched side by side. */
interface Wave {
  /** Those that bring something. */
  carried: LoneZone[];
  zones: StackZone[];
}

type StackZone = LoneZone | NewStackZone;
type Told = Record<string, pulumi.Input<unknown>>;

/**
 * Zones are carried one after another, and switched in waves: what a wave's zones bring is on the global before the first of
 * them is switched, and a wave begins when all zones of the one before it have joined and settled. Each zone uses the
 * credentials that serve by then. They leave in the opposite order: what a zone conflicts with is what those before it brought.
 */
export class JoinOrder {
  private readonly told = new Map<string, Told>();
  private readonly carried = new Map<string, FederationBridge>();
  /** Names of the zones of the wave at hand that were carried. */
  private wave: string[] = [];
  /** Zones of it that have joined. */
  private joined: ZoneControlPlane[] = [];
  /** The zone of the wave at hand that has handed over its policies last. */
  private handedOver: ZoneControlPlane | undefined;
  /** What the wave at hand waits for. */
  private before: pulumi.Resource[] = [];
  private current: GlobalMembership;
  /** The first zone that joins. */
  first: ZoneControlPlane | undefined;

  constructor(
    private readonly global: GlobalControlPlane,
    private readonly stack: Stack,
  ) {
    this.current = global.membership;
  }

  /** What the next zone needs, with the credentials that serve once those that were added have joined. */
  get membership(): GlobalMembership {
    return this.current;
  }

  get bridges(): FederationBridge[] {
    return [...this.carried.values()];
  }

  /** Outputs of the zones, in the order of the stack. */
  get zones(): Told[] {
    const { existingZones, newZones } = this.stack;
    const told = namesOf([...existingZones, ...newZones]).map((name) => this.told.get(name));
    return told.filter((each) => each !== undefined);
  }

  /** The waves, one after another: each is begun when the program has made the one before it. */
  *waves(existing: readonly LoneZone[]): Generator<Wave> {
    const { newZones, rollout } = this.stack;
    const zones = [...existing.filter(({ federated }) => federated), ...newZones];
    const waves = wavesOf<StackZone>(zones, rollout);
    for (const [at, wave] of waves.entries()) {
      yield { carried: wave.filter(isExisting), zones: wave };
      const later = waves.slice(at + 1).flat();
      if (later.length > 0) this.before = this.endOf(at + 1, wave, later);
      this.wave = [];
      this.joined = [];
      this.handedOver = undefined;
    }
  }

  /** What the wave after one waits for: all that have joined with it, and that they have settled. */
  private endOf(number: number, wave: readonly StackZone[], later: readonly StackZone[]): pulumi.Resource[] {
    const { rollout } = this.stack;
    if (rollout === undefined) return this.joined;
    const settled = new RolloutWave(
      `wave-${number}`,
      { join: this.membership, zoneNames: namesOf(wave), settle: rollout.settle, laterZones: namesOf(later) },
      { dependsOn: this.joined },
    );
    this.current = settled.membership;
    return [settled];
  }

  /** Options of a bridge. */
  bridgeOptions({ alone, opts: { protect } }: LoneZone): pulumi.ComponentResourceOptions {
    return this.after(alone, { ...(protect !== undefined && { protect }) });
  }

  /** Options of what comes after a resource, and after the waves before this one. */
  private after(
    resource: pulumi.Resource,
    opts: pulumi.ComponentResourceOptions = {},
  ): pulumi.ComponentResourceOptions {
    return pulumi.mergeOptions(opts, { dependsOn: [resource, ...this.before] });
  }

  /** What a bridge carries from a zone to the global. All zones are compared with each other before anything is written: the first names the rest. */
  bridgeFrom(zone: LoneZone, all: readonly LoneZone[]): FederationBridgeArgs {
    const { choices, policies } = this.stack;
    const isFirst = this.carried.size === 0;
    const others = all.filter((each) => each.federated && each !== zone);
    return {
      ...choices,
      ...{ zone: zone.alone.zone, join: this.membership },
      ...(this.wave.length > 0 && { switchedWith: [...this.wave] }),
      ...(isFirst && { followers: others.map(({ alone }) => alone.zone) }),
      // they are written when the first zone has joined
      ...(isFirst && policies && { policies }),
    };
  }

  addBridge({ name }: LoneZone, bridge: FederationBridge): void {
    this.wave.push(name);
    this.carried.set(name, bridge);
    this.current = bridge.membership;
  }

  /** What a zone joins with: that which was carried, and the credentials that serve once all of its wave were. */
  argsOf(zone: StackZone): ZoneControlPlaneArgs {
    const { name, member } = zone;
    const common = { ...member, laterZones: this.laterThan(zone) };
    if (!isExisting(zone)) return { ...common, ...zone.args, join: this.membership };
    const { carried } = (this.carried.get(name) as FederationBridge).membership;
    return { ...common, adopt: zone.alone.zone, join: { ...this.membership, carried } };
  }

  /** Options of a zone that joins: what it hands over is compared with what those before it did, also within a wave. */
  optionsOf(zone: StackZone): pulumi.ComponentResourceOptions {
    const handedOver = this.handedOver && handsOver(zone) ? [this.handedOver] : [];
    const opts = pulumi.mergeOptions(zone.opts, { dependsOn: handedOver });
    return isExisting(zone) ? opts : this.after(this.global, opts);
  }

  /** Names of the zones that join after this one: what it hands over is in force in all of them. */
  private laterThan(zone: StackZone): string[] {
    const { existingZones, newZones } = this.stack;
    const all = [...existingZones, ...newZones];
    const at = all.findIndex(({ name }) => name === zone.name);
    return namesOf(all.slice(at + 1));
  }

  leaveAlone({ name, alone }: LoneZone): void {
    this.told.set(name, { name, mode: "standalone", online: false, address: alone.apiUrl });
  }

  add(zone: StackZone, member: ZoneControlPlane): void {
    const { name } = zone;
    const { online, version, apiUrl: address } = member;
    const told = isExisting(zone)
      ? { mode: "federated", online, version, address }
      : { mode: "installed", online, version };
    this.told.set(name, { name, ...told });
    this.first ??= member;
    this.joined.push(member);
    this.current = member.membership;
    if (handsOver(zone)) this.handedOver = member;
  }
}

function isExisting(zone: StackZone): zone is LoneZone {
  return "alone" in zone;
}

function namesOf(zones: readonly { name: string }[]): string[] {
  return zones.map(({ name }) => name);
}

function handsOver(zone: ExistingStackZone | NewStackZone): boolean {
  const { profile } = "zoneName" in zone.args ? zone.args : zone.member;
  return profile === "federation-with-policies";
}
