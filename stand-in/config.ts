import { readFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { load } from "js-yaml";

export type Mode = "zone" | "global";

/** What a control plane is configured with. One field for every variable that the stand-in honours. */
export interface Config {
  /** What it calls itself: `Kuma`, or `Kong Mesh`. */
  product: string;
  environment: string;
  mode: Mode;
  storeType: "memory" | "file";
  unsafeDelete: boolean;
  workDir: string;
  api: {
    /** That of every listener. */
    interface: string;
    port: number;
    readOnly: boolean;
    localhostIsAdmin: boolean;
    /** PEM of keys that user tokens may be signed with, by id, beside those among the secrets. */
    userTokenKeys: ReadonlyMap<string, string>;
  };
  diagnosticsPort: number;
  dpServer: { port: number; certFile: string; keyFile: string };
  defaults: { skipMeshCreation: boolean; skipHostnameGenerators: boolean };
  zone: {
    name: string;
    globalAddress: string;
    rootCaFile: string;
    tlsSkipVerify: boolean;
    maxMsgSize: number;
    /** Stands for the system's authorities, as in every Go program. */
    systemCaFile: string;
    /** Kong Mesh: what a zone of Konnect's shows when it connects. */
    konnect: { tokenFile: string; controlPlaneId: string };
  };
  kdsServer: { port: number; tlsEnabled: boolean; certFile: string; keyFile: string; maxMsgSize: number };
  standIn: { control: boolean; insightDelayMs: number; reconnectMs: number };
}

/** Source: Kuma v2.14.3 pkg/config/multizone/multicluster.go. */
const MAX_MSG_SIZE = 10 * 1024 * 1024;

/**
 * A zone control plane is federated when it has a global one to dial.
 * Source: Kuma v2.14.3 pkg/config/app/kuma-cp/config.go, IsFederatedZoneCP.
 */
export function isFederated(config: Config): boolean {
  return config.mode === "zone" && config.zone.globalAddress !== "" && config.zone.name !== "";
}

type Environment = Record<string, string | undefined>;

/** Reads typed values out of the environment and names the variable in every complaint. */
class Variables {
  constructor(private readonly env: Environment) {}

  text(name: string, fallback: string): string {
    const value = this.env[name];
    return value === undefined || value === "" ? fallback : value;
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.text(name, String(fallback)).toLowerCase();
    if (["true", "1", "t"].includes(value)) {
      return true;
    }
    if (["false", "0", "f"].includes(value)) {
      return false;
    }
    throw new ConfigError(`${name} must be true or false, not "${value}"`);
  }

  port(name: string, fallback: number): number {
    const value = this.text(name, String(fallback));
    const port = Number(value);
    if (!/^\d+$/.test(value) || port > 65535) {
      throw new ConfigError(`${name} must be a port number, not "${value}"`);
    }
    return port;
  }

  count(name: string, fallback: number): number {
    const value = this.text(name, String(fallback));
    if (!/^\d+$/.test(value)) {
      throw new ConfigError(`${name} must be a number, not "${value}"`);
    }
    return Number(value);
  }

  /** A duration as Go writes it, in the units that anyone uses here: 500ms, 10s, 1m. */
  durationMs(name: string, fallbackMs: number): number {
    const value = this.text(name, `${fallbackMs}ms`);
    const match = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(value);
    if (!match) {
      throw new ConfigError(`${name} must be a duration such as 500ms, 10s or 1m, not "${value}"`);
    }
    return Number(match[1]) * { ms: 1, s: 1000, m: 60_000 }[match[2] as "ms" | "s" | "m"];
  }
}

export class ConfigError extends Error {
  constructor(message: string) {
    super(`configuration validation failed: ${message}`);
  }
}

export function loadConfig(env: Environment, file?: string): Config {
  const vars = new Variables(env);
  const config: Config = {
    product: vars.text("STAND_IN_PRODUCT", "Kuma"),
    environment: vars.text("KUMA_ENVIRONMENT", "universal"),
    mode: vars.text("KUMA_MODE", "zone") as Mode,
    storeType: vars.text("KUMA_STORE_TYPE", "memory") as Config["storeType"],
    unsafeDelete: vars.flag("KUMA_STORE_UNSAFE_DELETE", false),
    workDir: vars.text("KUMA_GENERAL_WORK_DIR", join(tmpdir(), `kuma-cp-stand-in-${randomUUID()}`)),
    api: {
      interface: vars.text("KUMA_API_SERVER_HTTP_INTERFACE", "127.0.0.1"),
      port: vars.port("KUMA_API_SERVER_HTTP_PORT", 5681),
      readOnly: vars.flag("KUMA_API_SERVER_READ_ONLY", false),
      localhostIsAdmin: vars.flag("KUMA_API_SERVER_AUTHN_LOCALHOST_IS_ADMIN", true),
      userTokenKeys: file === undefined ? new Map() : publicKeysIn(file),
    },
    diagnosticsPort: vars.port("KUMA_DIAGNOSTICS_SERVER_PORT", 5680),
    dpServer: {
      port: vars.port("KUMA_DP_SERVER_PORT", 5678),
      certFile: vars.text("KUMA_DP_SERVER_TLS_CERT_FILE", vars.text("KUMA_GENERAL_TLS_CERT_FILE", "")),
      keyFile: vars.text("KUMA_DP_SERVER_TLS_KEY_FILE", vars.text("KUMA_GENERAL_TLS_KEY_FILE", "")),
    },
    defaults: {
      skipMeshCreation: vars.flag("KUMA_DEFAULTS_SKIP_MESH_CREATION", false),
      skipHostnameGenerators: vars.flag("KUMA_DEFAULTS_SKIP_HOSTNAME_GENERATORS", false),
    },
    zone: {
      name: vars.text("KUMA_MULTIZONE_ZONE_NAME", "default"),
      globalAddress: vars.text("KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS", ""),
      rootCaFile: vars.text("KUMA_MULTIZONE_ZONE_KDS_ROOT_CA_FILE", ""),
      tlsSkipVerify: vars.flag("KUMA_MULTIZONE_ZONE_KDS_TLS_SKIP_VERIFY", false),
      maxMsgSize: vars.count("KUMA_MULTIZONE_ZONE_KDS_MAX_MSG_SIZE", MAX_MSG_SIZE),
      systemCaFile: vars.text("SSL_CERT_FILE", ""),
      konnect: {
        tokenFile: vars.text("KMESH_MULTIZONE_ZONE_KDS_AUTH_CP_TOKEN_PATH", ""),
        controlPlaneId: vars.text("KMESH_MULTIZONE_ZONE_KONNECT_CP_ID", ""),
      },
    },
    kdsServer: {
      port: vars.port("KUMA_MULTIZONE_GLOBAL_KDS_GRPC_PORT", 5685),
      tlsEnabled: vars.flag("KUMA_MULTIZONE_GLOBAL_KDS_TLS_ENABLED", true),
      certFile: vars.text(
        "KUMA_MULTIZONE_GLOBAL_KDS_TLS_CERT_FILE",
        vars.text("KUMA_GENERAL_TLS_CERT_FILE", ""),
      ),
      keyFile: vars.text(
        "KUMA_MULTIZONE_GLOBAL_KDS_TLS_KEY_FILE",
        vars.text("KUMA_GENERAL_TLS_KEY_FILE", ""),
      ),
      maxMsgSize: vars.count("KUMA_MULTIZONE_GLOBAL_KDS_MAX_MSG_SIZE", MAX_MSG_SIZE),
    },
    standIn: {
      control: vars.flag("STAND_IN_CONTROL", false),
      insightDelayMs: vars.durationMs("STAND_IN_INSIGHT_DELAY", 1000),
      reconnectMs: vars.durationMs("STAND_IN_RECONNECT_DELAY", 500),
    },
  };
  validate(config);
  return config;
}

interface ConfigFile {
  apiServer?: { authn?: { tokens?: { validator?: { publicKeys?: { kid?: string; key?: string }[] } } } };
}

/** What the stand-in takes from a configuration file. Source: Kuma v2.14.3 pkg/config/api-server/config.go. */
function publicKeysIn(file: string): Map<string, string> {
  const text = readText(file, (reason) => `could not read the configuration file ${file}: ${reason}`);
  const { apiServer } = (load(text) ?? {}) as ConfigFile;
  const keys = apiServer?.authn?.tokens?.validator?.publicKeys ?? [];
  return new Map(
    keys.map(({ kid, key }, index) => {
      const what = `.ApiServer .Authn .Tokens .Validator .PublicKeys[${index}] is not valid`;
      if (!kid) throw new ConfigError(`${what}: .KID is required`);
      if (!key) throw new ConfigError(`${what}: .Key has to be defined`);
      return [kid, key];
    }),
  );
}

function readText(file: string, problem: (reason: string) => string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigError(problem((error as Error).message));
  }
}

/** The checks and their words follow Kuma v2.14.3 pkg/config/core/config.go and pkg/config/multizone/multicluster.go. */
function validate(config: Config): void {
  if (config.environment !== "universal") {
    throw new ConfigError("Environment should be universal; the stand-in does not run on Kubernetes");
  }
  if (config.mode !== "zone" && config.mode !== "global") {
    throw new ConfigError("Mode validation failed: invalid mode. Available modes: zone, global");
  }
  if (config.storeType !== "memory" && config.storeType !== "file") {
    throw new ConfigError(
      "Store validation failed: Type should be either memory or file (a stand-in has no postgres)",
    );
  }
  if (!/^(127\.[\d.]+|::1|localhost)$/.test(config.api.interface)) {
    throw new ConfigError(
      "KUMA_API_SERVER_HTTP_INTERFACE must be an address of the loopback interface, such as 127.0.0.1, " +
        `not "${config.api.interface}": a stand-in is for this machine alone`,
    );
  }
  if ((config.kdsServer.certFile === "") !== (config.kdsServer.keyFile === "")) {
    throw new ConfigError("KDS TLS certificate and key must be given together");
  }
  if ((config.dpServer.certFile === "") !== (config.dpServer.keyFile === "")) {
    throw new ConfigError("DP server TLS certificate and key must be given together");
  }
  if (config.mode === "zone") {
    validateZone(config.zone);
  }
}

function validateZone(zone: Config["zone"]): void {
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(zone.name)) {
    throw new ConfigError(
      `Multizone Zone validation failed: Zone name ${zone.name} has to be a valid DNS name`,
    );
  }
  if (zone.name.length > 63) {
    throw new ConfigError("Multizone Zone validation failed: Zone name cannot be longer than 63 characters");
  }
  if (zone.globalAddress === "") {
    return;
  }
  parseGlobalAddress(zone.globalAddress);
  if (zone.rootCaFile !== "") {
    readText(
      zone.rootCaFile,
      (reason) =>
        `Multizone Zone validation failed: could not read certificate ${zone.rootCaFile}: ${reason}`,
    );
  }
}

export interface GlobalAddress {
  tls: boolean;
  host: string;
  port: number;
}

export function parseGlobalAddress(address: string): GlobalAddress {
  // The URL class knows no default port for grpc:, which is just what is wanted here: the port must be given.
  const match = /^([a-z]+):\/\/(\[[0-9a-fA-F:.]+\]|[^:/?#]+)(?::(\d+))?\/?$/.exec(address);
  if (!match) {
    throw new ConfigError(
      `Multizone Zone validation failed: unable to parse zone GlobalAddress "${address}"`,
    );
  }
  const [, scheme, host, port] = match;
  if (scheme !== "grpc" && scheme !== "grpcs") {
    throw new ConfigError(
      `Multizone Zone validation failed: unsupported scheme "${scheme}" in zone GlobalAddress. Use one of [grpc grpcs]`,
    );
  }
  if (port === undefined) {
    throw new ConfigError(`Multizone Zone validation failed: zone GlobalAddress "${address}" has no port`);
  }
  return { tls: scheme === "grpcs", host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}
