import * as pulumi from "@pulumi/pulumi";
import type { KonnectMembership } from "../platforms/universal/environment";
import type { OnFailedSwitch } from "../platforms/failedSwitch";
import {
  Database,
  Drift,
  HostedLimits,
  Manifest,
  OnConflict,
  OnDrift,
  OnUndo,
  VersionedPolicies,
} from "../kuma";
import type { ClusterReference } from "../platforms/kubernetes/cluster";
import type { Values } from "../platforms/kubernetes/helmRelease";
import type { UniversalArgs } from "../platforms/universal/settings";
import type { StandaloneZoneArgs } from "../platforms/universal/standaloneZone";
import { handledBy } from "./handler";
import type { Place } from "./obstacles";
import type { KonnectControlPlaneInputs } from "./handlers/konnectControlPlane";
import type { KonnectZoneInputs } from "./handlers/konnectZone";
import type { AdoptedRelease } from "./kubernetesSwitch";

/** Every field of `T` as an input of a resource. */
export type Inputs<T> = { [K in keyof T]: pulumi.Input<T[K]> };

/**
 * Of a resource that stores digests: the key of its digests, which is filled in when the resource is checked (dispatch.ts).
 * A secret here makes the engine keep it encrypted, among the inputs and among the outputs.
 */
function keyed() {
  return { digestKey: pulumi.secret("") };
}

/** How the global is reached. Tokens must be secrets. */
export interface GlobalConnectionArgs {
  globalUrl: pulumi.Input<string>;
  globalTokens: pulumi.Input<string[]>[];
  globalKubeconfig?: pulumi.Input<string>;
  globalCa?: pulumi.Input<string>;
}

/** How the two sides are reached. */
export interface ConnectionArgs extends GlobalConnectionArgs {
  zoneName: pulumi.Input<string>;
  zoneUrl: pulumi.Input<string>;
  zoneTokens: pulumi.Input<string[]>[];
  zoneKubeconfig?: pulumi.Input<string>;
}

/** What zones dial, and the authority that they are to trust for it (PEM). */
export interface KdsArgs {
  kdsAddress: pulumi.Input<string>;
  kdsCa: pulumi.Input<string>;
}

/** An authority and a server certificate of its own for a global's KDS server; renewed 30 days before its end. */
export class KdsCertificate extends pulumi.dynamic.Resource {
  declare readonly ca: pulumi.Output<string>;
  declare readonly cert: pulumi.Output<string>;
  declare readonly key: pulumi.Output<string>;

  constructor(
    name: string,
    args: { name: pulumi.Input<string>; hosts: pulumi.Input<pulumi.Input<string>[]> },
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(
      handledBy("kdsCertificate"),
      name,
      { ...args, ca: undefined, caKey: undefined, cert: undefined, key: undefined },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["caKey", "key"] }),
    );
  }
}

/** A global control plane that others run: reachable, and of a version that can be used. */
export class ExistingGlobal extends pulumi.dynamic.Resource {
  declare readonly product: pulumi.Output<string>;
  declare readonly version: pulumi.Output<string>;

  constructor(name: string, args: GlobalConnectionArgs, opts?: pulumi.CustomResourceOptions) {
    super(handledBy("existingGlobal"), name, { ...args, product: undefined, version: undefined }, opts);
  }
}

/** A control plane in Konnect: looked up, or made, and then taken down with the stack. `token` must be a secret. */
export class KonnectControlPlane extends pulumi.dynamic.Resource {
  declare readonly controlPlaneId: pulumi.Output<string>;
  /** Base of its REST API. Unknown in previews as long as it does not exist, like all that follow. */
  declare readonly hostedUrl: pulumi.Output<string>;
  declare readonly product: pulumi.Output<string>;
  declare readonly version: pulumi.Output<string>;
  declare readonly limits: pulumi.Output<HostedLimits>;

  constructor(name: string, args: Inputs<KonnectControlPlaneInputs>, opts?: pulumi.CustomResourceOptions) {
    const found = {
      controlPlaneId: undefined,
      hostedUrl: undefined,
      product: undefined,
      version: undefined,
      limits: undefined,
      created: undefined,
    };
    super(handledBy("konnectControlPlane"), name, { ...args, ...found }, opts);
  }
}

/** What lets a zone connect with Konnect. `token` must be a secret. */
export class KonnectZone extends pulumi.dynamic.Resource {
  /** Secret: another one after each renewal. */
  declare readonly zoneToken: pulumi.Output<string>;

  constructor(name: string, args: Inputs<KonnectZoneInputs>, opts?: pulumi.CustomResourceOptions) {
    super(
      handledBy("konnectZone"),
      name,
      { ...args, zoneToken: undefined, account: undefined },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["zoneToken"] }),
    );
  }
}

/** A global control plane that runs as a process on this machine. */
export class UniversalGlobal extends pulumi.dynamic.Resource {
  declare readonly product: pulumi.Output<string>;
  declare readonly version: pulumi.Output<string>;
  declare readonly standIn: pulumi.Output<boolean>;

  constructor(
    name: string,
    args: Inputs<UniversalArgs & { kdsCert: string; kdsKey: string; makesMesh?: boolean }>,
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(
      handledBy("universalGlobal"),
      name,
      { ...args, product: undefined, version: undefined, standIn: undefined },
      opts,
    );
  }
}

/** A zone control plane that runs alone as a process on this machine, with content, as one that was in use. */
export class StandaloneZone extends pulumi.dynamic.Resource {
  constructor(name: string, args: Inputs<StandaloneZoneArgs>, opts?: pulumi.CustomResourceOptions) {
    super(handledBy("standaloneZone"), name, args, opts);
  }
}

/** What a federation is planned from. */
export interface FederationArgs extends ConnectionArgs, KdsArgs {
  zoneStarted: pulumi.Input<string>;
  globalVersion: pulumi.Input<string>;
  zoneRunsHere: pulumi.Input<boolean>;
  nextDatabase?: Database;
  onConflict: pulumi.Input<OnConflict>;
  /** The global is one in Konnect. */
  hosted?: boolean;
  kdsSystemCaFile?: string;
}

/**
 * The record of what a global does not have before a zone hands over, made before anything is written there. Deleted, it
 * takes that off the global where `onUndo` asks for it.
 */
export class GlobalWayBack extends pulumi.dynamic.Resource {
  constructor(
    name: string,
    args: FederationArgs & { onUndo: pulumi.Input<OnUndo> },
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(handledBy("globalWayBack"), name, { ...args, ...keyed(), brought: undefined }, opts);
  }
}

/** Everything that a zone hands over to its global, there and read back. */
export class FederatedResources extends pulumi.dynamic.Resource {
  /** By name, with the digest of the content. */
  declare readonly resources: pulumi.Output<Manifest>;
  /** What of it was missing or changed on the global when it was looked at last. */
  declare readonly drift: pulumi.Output<Drift>;
  /** Counts how often the global had lost everything and was filled again. */
  declare readonly generation: pulumi.Output<number>;
  /** The meshes that it had lost, each with that count when it got it again for the last time. */
  declare readonly refilled: pulumi.Output<Record<string, number> | undefined>;
  /** Meshes whose mTLS has ended with it, by a choice of the stack's. */
  declare readonly mtlsEnded: pulumi.Output<string[]>;
  /** Names of what the zone owned and kept from KDS. */
  declare readonly local: pulumi.Output<string[] | undefined>;
  /** Secret: what the zone held before. */
  declare readonly snapshot: pulumi.Output<string>;
  /** Secret: the admin token that the global accepts from now on. */
  declare readonly adminToken: pulumi.Output<string | undefined>;
  /** Secret: the key of the digests. */
  declare readonly digestKey: pulumi.Output<string>;
  declare readonly globalUrl: pulumi.Output<string>;
  declare readonly kdsAddress: pulumi.Output<string>;
  declare readonly kdsCa: pulumi.Output<string>;

  constructor(
    name: string,
    args: FederationArgs & { onDrift: pulumi.Input<OnDrift>; policies?: VersionedPolicies },
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(
      handledBy("federatedResources"),
      name,
      {
        ...args,
        ...keyed(),
        resources: undefined,
        drift: undefined,
        generation: undefined,
        refilled: undefined,
        mtlsEnded: undefined,
        local: undefined,
        snapshot: undefined,
        adminToken: undefined,
      },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["snapshot", "adminToken"] }),
    );
  }
}

/** The way back of a zone on this machine: deleted, it takes the zone off its global, to run alone with what it had. */
export class UniversalWayBack extends pulumi.dynamic.Resource {
  declare readonly snapshot: pulumi.Output<string>;
  /** Secret: everything that the zone's API showed before the switch. */
  declare readonly before: pulumi.Output<string | undefined>;

  constructor(
    name: string,
    args: ConnectionArgs & { directory: pulumi.Input<string>; snapshot: pulumi.Input<string> },
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(
      handledBy("universalWayBack"),
      name,
      { ...args, before: undefined },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["before"] }),
    );
  }
}

/** A zone on this machine that is switched to its global. */
export class UniversalZoneFederation extends pulumi.dynamic.Resource {
  /** True: the resource exists only once the zone stayed online. */
  declare readonly online: pulumi.Output<boolean>;
  declare readonly version: pulumi.Output<string>;

  constructor(
    name: string,
    args: ConnectionArgs &
      KdsArgs & {
        directory: pulumi.Input<string>;
        konnect?: pulumi.Input<KonnectMembership>;
        onConflict: pulumi.Input<OnConflict>;
        onFailedSwitch: pulumi.Input<OnFailedSwitch>;
        resources: pulumi.Input<Manifest>;
        generation: pulumi.Input<number>;
        refilled: pulumi.Input<Record<string, number> | undefined>;
        snapshot: pulumi.Input<string>;
        before?: pulumi.Input<string | undefined>;
      },
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(
      handledBy("universalZoneFederation"),
      name,
      { ...args, online: undefined, version: undefined, ledger: undefined, drift: undefined },
      opts,
    );
  }
}

/**
 * The record of what a zone's policies were, made before they are handed over to the global. Deleted, it gives them back
 * to the zone and then takes off the global what was added there.
 */
export class PolicyWayBack extends pulumi.dynamic.Resource {
  /** By name, with the digest of the content. */
  declare readonly policies: pulumi.Output<Manifest>;
  /** Secret: the policies. */
  declare readonly originals: pulumi.Output<string>;
  /** Secret: everything that the zone's API showed before. */
  declare readonly before: pulumi.Output<string | undefined>;

  constructor(
    name: string,
    args: ConnectionArgs & {
      globalVersion: pulumi.Input<string>;
      onConflict: pulumi.Input<OnConflict>;
      followers: string[];
    },
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(
      handledBy("policyWayBack"),
      name,
      { ...args, ...keyed(), policies: undefined, originals: undefined, added: undefined, before: undefined },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["originals", "before"] }),
    );
  }
}

/** A zone's policies as the global's: there, in force in the zone, and retired as the zone's own. */
export class PolicyHandover extends pulumi.dynamic.Resource {
  /** As the global got them, by name, with the digest of the content. */
  declare readonly handed: pulumi.Output<Manifest>;

  constructor(
    name: string,
    args: ConnectionArgs & {
      policies: pulumi.Input<Manifest>;
      originals: pulumi.Input<string>;
      before?: pulumi.Input<string | undefined>;
      onConflict: pulumi.Input<OnConflict>;
      onDrift: pulumi.Input<OnDrift>;
    },
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(
      handledBy("policyHandover"),
      name,
      { ...args, ...keyed(), handed: undefined, drift: undefined, ledger: undefined },
      opts,
    );
  }
}

/** Policies on the global: of those that are available, the ones that are for its version. */
export class MeshPolicies extends pulumi.dynamic.Resource {
  constructor(
    name: string,
    args: GlobalConnectionArgs & { available: VersionedPolicies; globalVersion: pulumi.Input<string> },
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(
      handledBy("meshPolicies"),
      name,
      { ...args, ...keyed(), policies: undefined, stored: undefined, drift: undefined },
      opts,
    );
  }
}

/** The clusters of a stack: each answers, and no two of them are one. */
export class KubernetesClusters extends pulumi.dynamic.Resource {
  /** What tells a cluster from others, by role. */
  declare readonly identities: pulumi.Output<Record<string, string>>;

  constructor(
    name: string,
    args: { clusters: Record<string, Inputs<ClusterReference>> },
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(handledBy("kubernetesClusters"), name, { ...args, identities: undefined }, opts);
  }
}

/** The host of the KDS address: that of a Service's load balancer once it has one, or a fixed one. */
export class KubernetesKdsAddress extends pulumi.dynamic.Resource {
  declare readonly host: pulumi.Output<string>;

  constructor(
    name: string,
    args: Inputs<
      ClusterReference & { namespace: string; service: string; fixedHost?: string; timeout: number }
    >,
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(handledBy("kubernetesKdsAddress"), name, { ...args, host: undefined }, opts);
  }
}

/** A global control plane in a cluster, serving. */
export class KubernetesGlobal extends pulumi.dynamic.Resource {
  declare readonly product: pulumi.Output<string>;
  declare readonly version: pulumi.Output<string>;

  constructor(
    name: string,
    args: GlobalConnectionArgs & { release: pulumi.Input<string> },
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(handledBy("kubernetesGlobal"), name, { ...args, product: undefined, version: undefined }, opts);
  }
}

/** What comes before a Helm release that the stack installs: none of its operations was left open by a run that was killed. */
export class KubernetesInstallation extends pulumi.dynamic.Resource {
  constructor(
    name: string,
    args: Inputs<Place & ClusterReference & { namespace: string; release: string }>,
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(handledBy("kubernetesInstallation"), name, args, opts);
  }
}

/** The Helm release of a zone, as it is without the federation. */
export class KubernetesRelease extends pulumi.dynamic.Resource {
  /** Secret. */
  declare readonly values: pulumi.Output<Values>;
  declare readonly chartName: pulumi.Output<string>;
  declare readonly chartVersion: pulumi.Output<string>;

  constructor(
    name: string,
    args: Inputs<
      ClusterReference & {
        zoneName: string;
        namespace: string;
        release: string;
        valuesKey?: string;
        /** The stack says which chart it is to be, so that another one that is found later is its own doing. */
        isChartChosen: boolean;
      }
    > & {
      /** An empty secret: the live values take its place. */
      values: pulumi.Input<Values>;
    },
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(
      handledBy("kubernetesRelease"),
      name,
      { ...args, chartName: undefined, chartVersion: undefined },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["values"] }),
    );
  }
}

/** The way back of a zone in a cluster, whose release has its former values again by the time that this is deleted. */
export class KubernetesWayBack extends pulumi.dynamic.Resource {
  /** Secret: everything that the zone's API showed before the switch. */
  declare readonly before: pulumi.Output<string | undefined>;

  constructor(
    name: string,
    args: ConnectionArgs & { directory: string; snapshot: pulumi.Input<string> },
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(
      handledBy("kubernetesWayBack"),
      name,
      { ...args, before: undefined },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["before"] }),
    );
  }
}

/** A zone in a cluster that has joined its global. */
export class KubernetesZoneFederation extends pulumi.dynamic.Resource {
  /** True: the resource exists only once the zone stayed online. */
  declare readonly online: pulumi.Output<boolean>;
  declare readonly version: pulumi.Output<string>;

  constructor(
    name: string,
    args: ConnectionArgs & {
      kdsAddress: pulumi.Input<string>;
      resources: pulumi.Input<Manifest>;
      release: pulumi.Input<string>;
      adopted?: pulumi.Input<AdoptedRelease>;
      snapshot?: pulumi.Input<string>;
      before?: pulumi.Input<string | undefined>;
      onConflict?: pulumi.Input<OnConflict>;
      onFailedSwitch?: pulumi.Input<OnFailedSwitch>;
    },
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(
      handledBy("kubernetesZoneFederation"),
      name,
      { ...args, online: undefined, version: undefined, ledger: undefined, known: undefined },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["known"] }),
    );
  }
}

/** The name of a new zone on the global: free before, and free again when the zone is gone. */
export class ZoneRegistration extends pulumi.dynamic.Resource {
  constructor(
    name: string,
    args: GlobalConnectionArgs & { zoneName: pulumi.Input<string> },
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(handledBy("zoneRegistration"), name, args, opts);
  }
}
