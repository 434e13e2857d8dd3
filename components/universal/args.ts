import type * as pulumi from "@pulumi/pulumi";
import type { KumaCp, PostgresTlsMode, Product, Store } from "../arguments/choices";

/** A control plane that runs as a process on this machine. */
export interface ControlPlaneHereArgs {
  /**
   * Where its files lie, relative to the program's directory.
   *
   * @default ".kuma-federation/<stack>/<name>"
   */
  directory?: pulumi.Input<string>;
  /** @default "auto" */
  kumaCp?: pulumi.Input<KumaCp>;
  /**
   * `auto` is a file for the stand-in, and memory for a real `kuma-cp`.
   *
   * @default "auto"
   */
  store?: pulumi.Input<Store>;
}

/**
 * A global control plane that runs as a process on this machine (`portBase`), or one that is installed on a host, as a unit
 * of systemd (`ssh`). Exactly one of the two is given.
 */
export interface UniversalGlobalArgs extends ControlPlaneHereArgs {
  /**
   * Number from which the ports of a process on this machine count: the API listens at this + 81, KDS at this + 85, as
   * Kuma does from 5600. From 1024 to 65400.
   *
   * @default none
   */
  portBase?: pulumi.Input<number>;
  /**
   * The host that it is installed on.
   *
   * @default none
   */
  ssh?: SshArgs;
  /**
   * Further hosts, each with an instance of it: on one PostgreSQL database, behind the address `kdsHost`.
   *
   * @default none
   */
  instances?: SshArgs[];
  /**
   * The unit that is to run it on that host.
   *
   * @default "kuma-cp.service"
   */
  unit?: pulumi.Input<string>;
  /**
   * What is installed on that host.
   *
   * @default the official release, with its store in memory
   */
  install?: HostInstallArgs;
  /**
   * Host name or IP address under which zones reach it.
   *
   * @default "127.0.0.1", or the name of the host
   */
  kdsHost?: pulumi.Input<string>;
}

/** An archive with Kuma's programs: a directory with `bin/kuma-cp` and others in it, packed by tar. */
export interface ArchiveArgs {
  /** Path on this machine, or an address. */
  from: pulumi.Input<string>;
  /** Its SHA-256 digest. */
  sha256: pulumi.Input<string>;
}

/** A PostgreSQL database. */
export interface DatabaseArgs {
  /** @default "127.0.0.1", which is the host itself */
  host?: pulumi.Input<string>;
  /** @default 5432 */
  port?: pulumi.Input<number>;
  user: pulumi.Input<string>;
  /** Secret. It goes to a file that only root may read. */
  password: pulumi.Input<string>;
  database: pulumi.Input<string>;
  /** @default "disable" */
  tlsMode?: pulumi.Input<PostgresTlsMode>;
  /**
   * PEM of the authority of the server's certificate.
   *
   * @default none: needed for the modes that verify it
   */
  ca?: pulumi.Input<string>;
}

/** What is installed on a host. */
export interface HostInstallArgs {
  /** @default Kuma's official release */
  archive?: ArchiveArgs;
  /**
   * Where it keeps what it has.
   *
   * @default in memory
   */
  postgres?: DatabaseArgs;
  /**
   * What the file of its configuration holds, under what the component sets. It becomes a secret.
   *
   * @default none
   */
  config?: pulumi.Input<{ [key: string]: any }>; // eslint-disable-line @typescript-eslint/no-explicit-any
  /**
   * Whether its data and its user go with it.
   *
   * @default false
   */
  removesData?: pulumi.Input<boolean>;
}

/** The Service of a zone ingress or a zone egress in a cluster. */
export interface ZoneProxyServiceArgs {
  /** @default "LoadBalancer" of an ingress, "ClusterIP" of an egress: as the chart has it */
  type?: pulumi.Input<string>;
  /** @default one that the cluster chooses */
  nodePort?: pulumi.Input<number>;
  /** @default none */
  annotations?: pulumi.Input<{ [name: string]: pulumi.Input<string> }>;
}

/**
 * A zone egress: calls to other zones, and out of the mesh, go through it. Of a zone on a host it is installed where `ssh` says;
 * of one in a cluster these are values of its chart.
 */
export interface ZoneEgressArgs {
  /**
   * In a cluster: how many there are.
   *
   * @default 1, as the chart has it
   */
  replicas?: pulumi.Input<number>;
  /**
   * In a cluster: its Service.
   *
   * @default as the chart has it
   */
  service?: ZoneProxyServiceArgs;
  /**
   * On a host: IP address at which it listens, and proxies of its zone reach it.
   *
   * @default the host of its zone, as `ssh` names it
   */
  address?: pulumi.Input<string>;
  /**
   * In a cluster that of its Service.
   *
   * @default 10001 for an ingress, 10002 for an egress
   */
  port?: pulumi.Input<number>;
  /**
   * The host that it is installed on, of a zone on hosts.
   *
   * @default that of its zone's control plane
   */
  ssh?: SshArgs;
  /**
   * On a host: host name or IP address at which it reaches its control plane.
   *
   * @default the loopback, or the host of the control plane where it is on another one
   */
  cpHost?: pulumi.Input<string>;
  /**
   * On a host: with `kuma-dp` and `envoy` in it.
   *
   * @default that of its zone where that is installed, or Kuma's official release
   */
  archive?: ArchiveArgs;
  /**
   * On a host: days until its token ends; the first `up` within 30 days before renews it, and restarts it.
   *
   * @default 365
   */
  tokenDays?: pulumi.Input<number>;
}

/** A zone ingress: other zones reach the services of its zone through it. */
export interface ZoneIngressArgs extends ZoneEgressArgs {
  /**
   * As other zones reach it.
   *
   * @default its address
   */
  advertisedAddress?: pulumi.Input<string>;
  /** @default its port */
  advertisedPort?: pulumi.Input<number>;
}

/** A zone control plane that is to be installed on a host. */
export interface NewUniversalZoneArgs {
  /** The host that it is installed on. */
  ssh: SshArgs;
  /**
   * Further hosts, each with an instance of it: on one PostgreSQL database, behind the address `cpHost`.
   *
   * @default none
   */
  instances?: SshArgs[];
  /**
   * Host name or IP address under which data plane proxies reach it. The certificate of its servers is for that.
   *
   * @default the names of the host that it is on
   */
  cpHost?: pulumi.Input<string>;
  /**
   * The unit that is to run it.
   *
   * @default "kuma-cp.service"
   */
  unit?: pulumi.Input<string>;
  /**
   * What is installed.
   *
   * @default the official release, with its store in memory
   */
  install?: HostInstallArgs;
}

/** A zone's two lives on PostgreSQL: alone in one database, federated in another. */
export interface PostgresArgs {
  /** @default "127.0.0.1" */
  host?: pulumi.Input<string>;
  /** @default 5432 */
  port?: pulumi.Input<number>;
  user: pulumi.Input<string>;
  /**
   * The variable of the environment that holds the password: it stands in no file and no state.
   *
   * @default "KUMA_STORE_POSTGRES_PASSWORD"
   */
  passwordVariable?: pulumi.Input<string>;
  /** @default "disable" */
  tlsMode?: pulumi.Input<PostgresTlsMode>;
  /**
   * File with the authority of the server's certificate.
   *
   * @default none: needed for the modes that verify it
   */
  caFile?: pulumi.Input<string>;
  /** What the zone holds as long as it runs alone. It is left as it is, for the way back. */
  database: pulumi.Input<string>;
  /** Empty at first; filled when the zone is federated. */
  federatedDatabase: pulumi.Input<string>;
}

/** How a host is reached over SSH. */
export interface SshLoginArgs {
  /** Name or address. */
  host: pulumi.Input<string>;
  /** @default 22 */
  port?: pulumi.Input<number>;
  /**
   * Root, or a user who may `sudo` without a password.
   *
   * @default "root"
   */
  user?: pulumi.Input<string>;
  /**
   * Secret: the private key, as its file has it.
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
   * Socket of an ssh-agent that has the key.
   *
   * @default the one that SSH_AUTH_SOCK names, where there is no private key
   */
  agent?: pulumi.Input<string>;
  /**
   * The host's public key, its lines in known_hosts, or its fingerprint.
   *
   * @default none: the host is refused, and its key shown
   */
  hostKey?: pulumi.Input<string>;
}

/** How a host is reached over SSH, and through which other one. */
export interface SshArgs extends SshLoginArgs {
  /**
   * A host to go through.
   *
   * @default none
   */
  bastion?: SshLoginArgs;
}

/**
 * A zone control plane that runs as a process on this machine, and is started where it does not run (`portBase`), or one
 * that runs as a unit of systemd on a host (`ssh`). Exactly one of the two is given.
 */
export interface UniversalZoneArgs extends ControlPlaneHereArgs {
  /**
   * Number from which the ports of a process on this machine count: the API listens at this + 81, as Kuma's does from 5600.
   * From 1024 to 65400.
   *
   * @default none
   */
  portBase?: pulumi.Input<number>;
  /**
   * The host of a zone that runs elsewhere.
   *
   * @default none
   */
  ssh?: SshArgs;
  /**
   * Further hosts, each with an instance of it, for a zone on PostgreSQL. All are switched, one after another.
   *
   * @default none
   */
  instances?: SshArgs[];
  /**
   * The unit that runs its control plane on that host, and on the others.
   *
   * @default "kuma-cp.service"
   */
  unit?: pulumi.Input<string>;
  /**
   * Of a zone on a host whose store is PostgreSQL: the database in which it is federated. Empty at first, and on the same
   * server; its own one is left as it is, for the way back.
   *
   * @default none
   */
  federatedDatabase?: pulumi.Input<string>;
  /**
   * Makes that database where it is not there, as the zone's own user. It is never dropped.
   *
   * @default false
   */
  createDatabase?: pulumi.Input<boolean>;
  /**
   * Its databases, for the store `postgres`.
   *
   * @default none
   */
  postgres?: PostgresArgs;
  /**
   * Directory of YAML files with what a new zone holds at first, relative to the program's directory.
   *
   * @default nothing but what Kuma makes by itself
   */
  content?: pulumi.Input<string>;
  /**
   * What the stand-in calls itself. Konnect takes zones of Kong Mesh only.
   *
   * @default "kuma"
   */
  product?: pulumi.Input<Product>;
}
