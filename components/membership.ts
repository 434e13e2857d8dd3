import * as pulumi from "@pulumi/pulumi";
import type { Inputs } from "../resources";
import type { SshKeys, UnitAccess } from "../platforms/universal/unit/location";
import type { Connection, Connections, GlobalConnection, ZoneConnection } from "../resources/connections";
import type { SshLoginArgs } from "./universal/args";

/** With what a host is reached over SSH. */
export interface HostAccess {
  /**
   * Secret.
   *
   * @default none: an agent has it
   */
  privateKey?: pulumi.Input<string>;
  /**
   * Secret: of the private key.
   *
   * @default none
   */
  passphrase?: pulumi.Input<string>;
  /**
   * Socket of an ssh-agent.
   *
   * @default the one that SSH_AUTH_SOCK names
   */
  agent?: pulumi.Input<string>;
  /**
   * The host's public key, or its fingerprint.
   *
   * @default none: the host is refused
   */
  hostKey?: pulumi.Input<string>;
  /**
   * A host to go through.
   *
   * @default none
   */
  bastion?: SshLoginArgs;
}

/** An instance of a control plane, a unit of systemd on a host. */
export interface ControlPlaneInstance {
  /** `ssh://<user>@<host>:<port>/<unit>` */
  url: pulumi.Input<string>;
  /** With what the host is reached. It becomes a secret. */
  ssh: HostAccess;
}

/** How a control plane's REST API is reached. */
export interface ControlPlaneApi {
  /** For example `http://127.0.0.1:5681`; `kubernetes://<context>/<namespace>/<service>` for one in a cluster. */
  url: pulumi.Input<string>;
  /**
   * Bearer tokens of an admin, by where they come from: in a preview one source may be unknown. They become secrets.
   *
   * @default none: the API trusts this machine, or its cluster keeps the token
   */
  tokens?: pulumi.Input<pulumi.Input<string>[]>[];
  /**
   * Path or content of a kubeconfig, for one in a cluster. Content has to be a secret.
   *
   * @default the usual places (KUBECONFIG, ~/.kube/config)
   */
  kubeconfig?: pulumi.Input<string>;
  /**
   * With what the host of one at `ssh://<user>@<host>:<port>/<unit>` is reached. It becomes a secret.
   *
   * @default none
   */
  ssh?: HostAccess;
  /**
   * Further instances of it, on other hosts.
   *
   * @default none
   */
  instances?: ControlPlaneInstance[];
  /**
   * PEM of the authority that signed its certificate.
   *
   * @default the system's authorities
   */
  ca?: pulumi.Input<string>;
}

/** What a zone needs besides, to connect with a control plane in Konnect. */
export interface KonnectMembership {
  controlPlaneId: pulumi.Input<string>;
  region: pulumi.Input<string>;
  /** The region's API. */
  apiUrl: pulumi.Input<string>;
  /** The organisation's API. */
  identityUrl: pulumi.Input<string>;
  /** Secret: a token of Konnect's, with which zones are given theirs. */
  token: pulumi.Input<string>;
  /** How a zone gets its token. */
  zoneProvisioning: pulumi.Input<string>;
  /** Days until a zone's token ends; it is renewed before. */
  tokenDays: pulumi.Input<number>;
  /**
   * File with what a zone on this machine takes for its system's authorities.
   *
   * @default the system's own
   */
  systemCaFile?: pulumi.Input<string>;
  /** How many zones, data plane proxies and policies the organisation may have; 0 for no bound. */
  limits: pulumi.Input<{ [kind: string]: pulumi.Input<number> }>;
}

/** What a bridge has carried to the global, and what the zone that was carried may dial from then on. */
export interface CarriedResources {
  /** As given to the bridge, once the global holds everything. */
  kdsAddress: pulumi.Input<string>;
  /** PEM; empty for the system's authorities. */
  kdsCa: pulumi.Input<string>;
  /** Everything that was carried, by name, with the digest of its content. */
  resources: pulumi.Input<{ [name: string]: pulumi.Input<string> }>;
  /** Counts how often the global had lost everything and was filled again. */
  generation: pulumi.Input<number>;
  /** The meshes that it had lost, each with that count when it got it again for the last time. */
  refilled?: pulumi.Input<{ [mesh: string]: pulumi.Input<number> }>;
  /** Secret: what the zone held before. */
  snapshot: pulumi.Input<string>;
}

/** What a zone needs of a global to join it: from a global, a bridge, or the zone that has joined before. */
export interface GlobalMembership {
  /** With the credentials that serve from now on. */
  api: ControlPlaneApi;
  /** What zones dial: `grpcs://host:port`. */
  kdsAddress: pulumi.Input<string>;
  /** PEM of the authority of the KDS server's certificate; empty for the system's authorities. */
  kdsCa: pulumi.Input<string>;
  /** Of the global. Unknown in previews as long as there is none. */
  version: pulumi.Input<string>;
  /** Set by a bridge: of the tokens those that the global was given to begin with. */
  givenTokens?: pulumi.Input<pulumi.Input<string>[]>[];
  /** Set by a global in Konnect. */
  konnect?: KonnectMembership;
  /** Set by a bridge, for the zone that it has carried. */
  carried?: CarriedResources;
}

type TokenSource = NonNullable<ControlPlaneApi["tokens"]>[number];

/** By what they are of: those of a zone are among the inputs of each zone before it. */
const secrets = new WeakMap<object, pulumi.Output<string[]>>();

/** Tokens as secrets, each source by itself. */
function secretTokens({ tokens = [] }: ControlPlaneApi): pulumi.Output<string[]>[] {
  return tokens.map((source: TokenSource) => {
    const secret = secrets.get(source) ?? (pulumi.secret(source) as pulumi.Output<string[]>);
    secrets.set(source, secret);
    return secret;
  });
}

/** How a resource's inputs name the global. */
export function globalConnectionOf(api: ControlPlaneApi): Inputs<GlobalConnection> {
  return { global: connectionOf(api) };
}

/** How a resource's inputs name a zone. */
export function zoneConnectionOf(
  zoneName: pulumi.Input<string>,
  api: ControlPlaneApi,
): Inputs<ZoneConnection> {
  return { zoneName, zone: connectionOf(api) };
}

/** What is secret becomes one by itself, so that a preview shows the rest. */
function connectionOf({ url, kubeconfig, ca, ssh, instances, ...api }: ControlPlaneApi): Inputs<Connection> {
  return {
    ...{ url, kubeconfig, tokens: secretTokens(api as ControlPlaneApi) },
    ...(ca !== undefined && { ca }),
    ...(ssh && { ssh: pulumi.secret(ssh) as pulumi.Output<SshKeys> }),
    ...(instances && { instances: pulumi.secret(instances) as pulumi.Output<UnitAccess[]> }),
  };
}

/** How a resource's inputs name the two sides. */
export function connectionsOf(
  zoneName: pulumi.Input<string>,
  zone: ControlPlaneApi,
  global: ControlPlaneApi,
): Inputs<Connections> {
  return { ...zoneConnectionOf(zoneName, zone), ...globalConnectionOf(global) };
}

/** What was carried of a zone that joins; a zone that ran alone joins through a bridge. */
export function carriedBy({ carried }: GlobalMembership, zone: pulumi.Resource): CarriedResources {
  if (carried) return carried;
  throw new pulumi.ResourceError(
    "[join] has to be the membership of the bridge that has carried the zone given by [adopt]: its meshes would be deleted when it joins otherwise.",
    zone,
  );
}
