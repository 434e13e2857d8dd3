import type { Product } from "../../platforms/kubernetes/products";
import type { PostgresStore } from "../../platforms/universal/postgresStore";
import type { StoreChoice } from "../../platforms/universal/settings";
import type { KumaCpChoice } from "../../toolchain/kumaCp/kumaControlPlane";
import type { KonnectGlobalConfig } from "./konnect";
import type { KubernetesGlobalConfig, KubernetesZoneConfig } from "./kubernetes";
import type { CommonZoneConfig } from "./zone";

/** A control plane that this stack runs as a process on this machine. */
export interface UniversalConfig {
  platform: "universal";
  /** Where its files lie. */
  directory: string;
  /** The API listens at this + 81, KDS at this + 85 and so on; 5600 gives Kuma's own ports. */
  portBase: number;
  kumaCp: KumaCpChoice;
  store: StoreChoice;
}

export interface UniversalGlobalConfig extends UniversalConfig {
  /** Host name or IP address under which zones reach it. */
  kdsHost: string;
}

/** A global control plane that others run. */
export interface ExistingGlobalConfig {
  platform: "existing";
  apiUrl: string;
  /** File with the authority that signed the certificate of its API; the system's authorities when left out. */
  apiCaFile?: string;
  kdsAddress: string;
  /** File with the authority that signed the certificate of its KDS server; the system's authorities when left out. */
  kdsCaFile?: string;
}

export type GlobalConfig =
  | UniversalGlobalConfig
  | HostGlobalConfig
  | ExistingGlobalConfig
  | KubernetesGlobalConfig
  | KonnectGlobalConfig;

export interface UniversalZoneConfig extends UniversalConfig, CommonZoneConfig {
  /** Directory with what the zone holds at first. */
  content?: string;
  /** For the store of that name. */
  postgres?: PostgresStore;
  /** What the stand-in for a zone's control plane calls itself; Konnect takes zones of Kong Mesh only. */
  product?: Product;
}

/** How a host is reached. */
export interface HostAccessConfig extends SshConfig {
  bastion?: SshConfig;
}

/** A unit of systemd on a host. */
export interface HostConfig {
  platform: "host";
  /** Several with an instance on each. */
  ssh: HostAccessConfig | HostAccessConfig[];
  unit: string;
}

/** What is installed on a host. */
export interface InstallConfig {
  /** Path or address of an archive with Kuma's programs; the official release when left out. */
  archive?: string;
  /** Digest of that archive. */
  sha256?: string;
  /** In memory when left out. */
  postgres?: Omit<PostgresStore, "federatedDatabase">;
  /** Of its configuration file. */
  config?: Record<string, unknown>;
  removesData: boolean;
}

/** A zone ingress or a zone egress on a host. */
export interface ZoneProxyConfig extends Pick<InstallConfig, "archive" | "sha256"> {
  address?: string;
  port?: number;
  advertisedAddress?: string;
  advertisedPort?: number;
  ssh?: HostAccessConfig;
  tokenDays: number;
}

/** A global control plane that is installed on a host. */
export interface HostGlobalConfig extends HostConfig {
  kdsHost?: string;
  install: InstallConfig;
}

/** A zone that runs as a unit of systemd on a host, or is installed as one. */
export interface HostZoneConfig extends HostConfig, CommonZoneConfig {
  /** At which its proxies reach it. */
  cpHost?: string;
  createDatabase?: boolean;
  /** For a zone that is new. */
  install?: InstallConfig;
  ingress?: ZoneProxyConfig;
  egress?: ZoneProxyConfig;
  /** Others, on which proxies of its services run. */
  proxyHosts?: HostAccessConfig[];
  /** Of a zone on PostgreSQL. */
  federatedDatabase?: string;
}

export interface SshConfig {
  host: string;
  port: number;
  user: string;
  hostKey?: string;
  agent?: string;
}

export type ZoneConfig = UniversalZoneConfig | KubernetesZoneConfig | HostZoneConfig;
