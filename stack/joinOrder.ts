import * as pulumi from "@pulumi/pulumi";
import {
  FederationBridge,
  FederationBridgeArgs,
  FederationState,
  GlobalControlPlane,
  HandedOverPolicies,
  StandaloneZoneControlPlane,
  ZoneAlone,
  ZoneControlPlane,
  stateOf,
  withPolicies,
} from "../components";
import type { ZoneConfig } from "../components/config";
import { ControlPlaneApi, globalConnectionOf } from "../components/controlPlaneApi";
import { kubernetes } from "../components/kubernetes";
import type { Inputs } from "../resources";
import type { GlobalConnection } from "../resources/connections";
import type { NewStackZone, Stack, StackZone } from "./read";

/** A zone that is there, as it is today. */
interface ExistingStackZone extends StackZone {
  alone: StandaloneZoneControlPlane;
}

/**
 * Zones join one after another: each waits for those before it, and uses the credentials that serve after them. They leave
 * in the opposite order: what a zone conflicts with is what those before it brought.
 */
export class JoinOrder {
  /** Outputs of the zones, in the order in which they were added. */
  readonly zones: Record<string, pulumi.Input<unknown>>[] = [];
  readonly bridges: FederationBridge[] = [];
  readonly states: pulumi.Output<FederationState>[] = [];
  private readonly joined: pulumi.Resource[][] = [];

  constructor(
    private readonly global: GlobalControlPlane,
    private readonly stack: Stack,
  ) {}

  /** The global's API, with the credentials that serve once those that were added have joined. */
  get api(): ControlPlaneApi {
    return this.bridges.at(-1)?.global ?? this.global.api;
  }

  /** What the first zone to join consists of, and how the global is reached from then on. */
  get first(): { connection: Inputs<GlobalConnection>; joined: pulumi.Resource[] } | undefined {
    const [joined] = this.joined;
    const api = this.bridges.at(0)?.global ?? this.global.api;
    return joined && { connection: globalConnectionOf(api), joined };
  }

  /** Options of what comes after a resource, and after the zones that were added. */
  after(resource: pulumi.Resource): pulumi.ComponentResourceOptions {
    return { dependsOn: [resource, ...this.joined.flat()] };
  }

  /** What a bridge carries from a zone to the global; those after it are compared with it before anything is written. */
  bridgeFrom(each: ExistingStackZone, all: readonly ExistingStackZone[]): FederationBridgeArgs {
    const { kds, hosted, version } = this.global;
    const later = all.slice(all.indexOf(each) + 1).filter(({ zone }) => zone.federated);
    return {
      ...zoneAlone(each),
      followers: later.map(zoneAlone),
      global: this.api,
      globalVersion: version,
      kds,
      hosted,
      ...this.stack.choices,
      // they are written when the first zone has joined
      policies: this.bridges.length === 0 ? this.stack.policies : undefined,
    };
  }

  leaveAlone({ zone: { name }, alone }: ExistingStackZone): void {
    this.zones.push({ name, mode: "standalone", online: false, address: alone.api.url });
  }

  addExisting(
    { zone, alone: { api } }: ExistingStackZone,
    bridge: FederationBridge,
    member: ZoneControlPlane,
  ): void {
    const { name } = zone;
    this.bridges.push(bridge);
    this.add(zone, member, api, bridge.state);
    const { online, version } = member;
    this.zones.push({ name, mode: "federated", online, version, address: api.url });
  }

  addNew({ zone, cluster }: NewStackZone, member: ZoneControlPlane): void {
    const { name } = zone;
    const api = kubernetes().zoneApi(zone, cluster);
    this.add(zone, member, api, stateOf(name, api, this.api, {}));
    const { online, version } = member;
    this.zones.push({ name, mode: "installed", online, version });
  }

  private add(
    zone: ZoneConfig,
    member: ZoneControlPlane,
    api: ControlPlaneApi,
    state: pulumi.Output<FederationState>,
  ): void {
    const policies = this.handedOver(zone, member, api);
    this.states.push(withPolicies(state, policies.at(0)?.policies));
    this.joined.push([member, ...policies]);
  }

  /** What is handed over when the zone has joined; nothing with the profile `federation`. */
  private handedOver(zone: ZoneConfig, joined: ZoneControlPlane, api: ControlPlaneApi): HandedOverPolicies[] {
    const inOrder = [...this.stack.existingZones, ...this.stack.newZones].map((each) => each.zone);
    const handingOver = inOrder.filter(({ profile }) => profile === "federation-with-policies");
    const at = handingOver.indexOf(zone);
    if (at < 0) return [];
    const followers = handingOver.slice(at + 1).map(({ name }) => name);
    const { onConflict, onDrift } = this.stack.choices;
    const sides = { joined, zone: api, global: this.api, globalVersion: this.global.version };
    const args = { ...sides, zoneName: zone.name, onConflict, onDrift, followers };
    return [new HandedOverPolicies(`${zone.name}-policies`, args)];
  }
}

function zoneAlone({ zone: { name, platform, profile }, alone }: ExistingStackZone): ZoneAlone {
  const { api, started, nextDatabase } = alone;
  const zoneRunsHere = platform === "universal";
  const handsOver = profile === "federation-with-policies";
  return { zoneName: name, zone: api, zoneStarted: started, zoneRunsHere, nextDatabase, handsOver };
}
