import * as pulumi from "@pulumi/pulumi";
import { Database, Manifest, OnConflict, OnDrift, OnUndo, VersionedPolicies, countByType } from "../kuma";
import { FederatedResources, GlobalWayBack } from "../resources";
import { ControlPlaneApi, Hosted, Kds, connectionsOf, zoneConnectionOf } from "./controlPlaneApi";

/** A zone that runs alone, as it is today. */
export interface ZoneAlone {
  zoneName: string;
  /** The zone's API, as the zone is today. */
  zone: ControlPlaneApi;
  /** Unknown as long as the zone is still to be started by this same stack; any value where it runs anyway. */
  zoneStarted: pulumi.Input<string>;
  /** The zone dials from this machine. */
  zoneRunsHere: boolean;
  /** Where a zone on Postgres is moved to. */
  nextDatabase?: Database;
  /** Its policies become the global's once it has joined. */
  handsOver?: boolean;
}

export interface FederationBridgeArgs extends ZoneAlone {
  global: ControlPlaneApi;
  /** Unknown as long as there is no global. */
  globalVersion: pulumi.Input<string>;
  kds: Kds;
  /** Zones that join after this one: they are compared with it, and with the global, before anything is written. */
  followers?: readonly ZoneAlone[];
  onConflict: OnConflict;
  onDrift: OnDrift;
  onUndo: OnUndo;
  /** What the stack writes to the global once the zone has joined; looked at before anything is written. */
  policies?: VersionedPolicies;
  /** Where the global is one in Konnect. */
  hosted?: Hosted;
}

export interface FederationState {
  zoneName: string;
  zoneUrl: string;
  zoneTokens: string[];
  zoneKubeconfig?: string;
  globalUrl: string;
  globalTokens: string[];
  globalKubeconfig?: string;
  globalCa?: string;
  resources: Manifest;
  /** Of the digests in `resources`. */
  digestKey?: string;
  /** Meshes whose mTLS has ended with the federation, by a choice of the stack's. */
  mtlsEnded?: string[];
  /** Names of what the zone owned and kept from KDS: it is in the zone alone. */
  local?: string[];
  /** Policies that were handed over, as the global got them, for the profile `federation-with-policies`. */
  policies?: Manifest;
}

/**
 * Carries everything that a global has to own from a zone to the global. The address that the zone is to dial comes out
 * of it only when a read-back has shown that all of it is there: a mesh that is missing on the global is deleted in the
 * zone at its first connection.
 */
export class FederationBridge extends pulumi.ComponentResource {
  /** As given, once the global holds everything. */
  readonly kds: Kds;
  /**
   * The global's API with the credentials that serve from now on: with the zone's signing keys the global accepts the
   * zone's tokens, and its own no longer.
   */
  readonly global: ControlPlaneApi;
  /** Everything that was carried, by name, with the digest of its content. */
  readonly resources: pulumi.Output<Manifest>;
  /** How many resources of each type were carried. */
  readonly counts: pulumi.Output<Record<string, number>>;
  /** What a later check needs: how both sides are reached, and what was carried. */
  readonly state: pulumi.Output<FederationState>;
  /** Counts how often the global had lost everything and was filled again. */
  readonly generation: pulumi.Output<number>;
  /** The meshes that it had lost, each with that count when it got it again for the last time. */
  readonly refilled: pulumi.Output<Record<string, number> | undefined>;
  /** Secret: what the zone held before. */
  readonly snapshot: pulumi.Output<string>;

  constructor(name: string, args: FederationBridgeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kuma-federation:index:FederationBridge", name, {}, opts);
    const { zoneName, zone, zoneStarted, global, kds, globalVersion, zoneRunsHere, ...choices } = args;
    const {
      onConflict,
      onDrift,
      onUndo,
      policies,
      hosted,
      nextDatabase,
      handsOver,
      followers = [],
    } = choices;
    const federation = {
      ...connectionsOf(zoneName, zone, global),
      zoneStarted,
      globalVersion,
      kdsAddress: kds.address,
      kdsCa: kds.ca,
      zoneRunsHere,
      nextDatabase,
      onConflict,
      ...(hosted && { hosted: true, kdsSystemCaFile: hosted.config.systemCaFile }),
    };
    // before anything is written, so that a federation that fails or is killed can be taken back
    const wayBack = new GlobalWayBack(
      `${name}-global-way-back`,
      {
        ...federation,
        onUndo,
        ...(handsOver && { handsOver }),
        ...(followers.length > 0 && { followers: followers.map(sideOf) }),
      },
      { parent: this },
    );
    const federated = new FederatedResources(
      `${name}-resources`,
      { ...federation, onDrift, ...(policies && { policies }) },
      { parent: this, dependsOn: wayBack },
    );
    this.global = {
      url: federated.globalUrl,
      tokens: [
        pulumi.secret(federated.adminToken.apply((token) => (token === undefined ? [] : [token]))),
        ...zone.tokens,
        ...global.tokens,
      ],
      kubeconfig: global.kubeconfig,
      ...(global.ca !== undefined && { ca: global.ca }),
    };
    this.kds = { address: federated.kdsAddress, ca: federated.kdsCa };
    this.resources = federated.resources;
    this.counts = federated.resources.apply((resources) => countByType(Object.keys(resources)));
    this.generation = federated.generation;
    this.refilled = federated.refilled;
    this.snapshot = federated.snapshot;
    const { digestKey, mtlsEnded, local } = federated;
    this.state = stateOf(zoneName, zone, this.global, this.resources, { digestKey, mtlsEnded, local });
    this.registerOutputs({ counts: this.counts, kdsAddress: this.kds.address });
  }
}

function sideOf({ zoneName, zone, ...more }: ZoneAlone) {
  return { ...zoneConnectionOf(zoneName, zone), ...more };
}

/** How both sides of a federation are reached, and what was carried; nothing from a zone that the stack installs. */
export function stateOf(
  zoneName: string,
  zone: ControlPlaneApi,
  global: ControlPlaneApi,
  resources: pulumi.Input<Manifest>,
  more: {
    digestKey?: pulumi.Input<string | undefined>;
    mtlsEnded?: pulumi.Input<string[] | undefined>;
    local?: pulumi.Input<string[] | undefined>;
  } = {},
): pulumi.Output<FederationState> {
  const flat = (tokens: pulumi.Output<string[]>[]) => pulumi.all(tokens).apply((known) => known.flat());
  return pulumi.output({
    ...connectionsOf(zoneName, zone, global),
    zoneTokens: flat(zone.tokens),
    globalTokens: flat(global.tokens),
    resources,
    ...more,
  }) as pulumi.Output<FederationState>;
}

/** The state of a federation whose zone has handed over its policies as well. */
export function withPolicies(
  state: pulumi.Output<FederationState>,
  policies: pulumi.Output<Manifest> | undefined,
): pulumi.Output<FederationState> {
  return policies
    ? pulumi.all([state, policies]).apply(([each, handed]) => ({ ...each, policies: handed }))
    : state;
}
