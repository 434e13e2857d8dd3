import * as pulumi from "@pulumi/pulumi";
import type {
  ExistingZone,
  FederationBridge,
  FederationBridgeArgs,
  GlobalControlPlane,
  GlobalMembership,
  ZoneControlPlane,
} from "../components";
import type { ExistingStackZone, NewStackZone, Stack } from "./read";

/** A zone that is there, as it is today. */
interface LoneZone extends ExistingStackZone {
  alone: ExistingZone;
}

/**
 * Zones join one after another: each waits for those before it, and uses the credentials that serve after them. They leave
 * in the opposite order: what a zone conflicts with is what those before it brought.
 */
export class JoinOrder {
  /** Outputs of the zones, in the order in which they were added. */
  readonly zones: Record<string, pulumi.Input<unknown>>[] = [];
  readonly bridges: FederationBridge[] = [];
  private readonly joined: ZoneControlPlane[] = [];

  constructor(
    private readonly global: GlobalControlPlane,
    private readonly stack: Stack,
  ) {}

  /** The first zone that joins. */
  get first(): ZoneControlPlane | undefined {
    return this.joined.at(0);
  }

  /** What the next zone needs, with the credentials that serve once those that were added have joined. */
  get membership(): GlobalMembership {
    return this.joined.at(-1)?.membership ?? this.global.membership;
  }

  /** Options of what comes after a resource, and after the zones that were added. */
  after(
    resource: pulumi.Resource,
    opts: pulumi.ComponentResourceOptions = {},
  ): pulumi.ComponentResourceOptions {
    return pulumi.mergeOptions(opts, { dependsOn: [resource, ...this.joined] });
  }

  /** What a bridge carries from a zone to the global; those after it are compared with it before anything is written. */
  bridgeFrom(zone: LoneZone, all: readonly LoneZone[]): FederationBridgeArgs {
    const later = all.slice(all.indexOf(zone) + 1).filter(({ federated }) => federated);
    const { choices, policies } = this.stack;
    return {
      ...choices,
      ...{ zone: zone.alone.zone, join: this.membership },
      followers: later.map(({ alone }) => alone.zone),
      // they are written when the first zone has joined
      ...(policies && this.bridges.length === 0 && { policies }),
    };
  }

  /** Names of the zones that hand over their policies and join after this one. */
  laterThan(zone: ExistingStackZone | NewStackZone): string[] {
    const all = [...this.stack.existingZones, ...this.stack.newZones];
    const at = all.findIndex(({ name }) => name === zone.name);
    return all
      .slice(at + 1)
      .filter(handsOver)
      .map(({ name }) => name);
  }

  leaveAlone({ name, alone }: LoneZone): void {
    this.zones.push({ name, mode: "standalone", online: false, address: alone.apiUrl });
  }

  addExisting({ name }: LoneZone, bridge: FederationBridge, member: ZoneControlPlane): void {
    const { online, version, apiUrl: address } = member;
    this.bridges.push(bridge);
    this.joined.push(member);
    this.zones.push({ name, mode: "federated", online, version, address });
  }

  addNew({ name }: NewStackZone, member: ZoneControlPlane): void {
    const { online, version } = member;
    this.joined.push(member);
    this.zones.push({ name, mode: "installed", online, version });
  }
}

function handsOver(zone: ExistingStackZone | NewStackZone): boolean {
  const { profile } = "zoneName" in zone.args ? zone.args : zone.member;
  return profile === "federation-with-policies";
}
