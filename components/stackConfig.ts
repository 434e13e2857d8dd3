import * as path from "node:path";
import { KumaError, ON_CONFLICT, OnConflict, withoutCredentials } from "../kuma";
import type { PostgresStore } from "../platforms/universal/postgresStore";
import type { StoreChoice } from "../platforms/universal/settings";
import type { KumaCpChoice } from "../toolchain/kumaControlPlane";

/** A control plane that this stack runs as a process on this machine. */
interface UniversalConfig {
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
  kdsAddress: string;
  /** File with the authority that signed the certificate of its KDS server; the system's authorities when left out. */
  kdsCaFile?: string;
}

export type GlobalConfig = UniversalGlobalConfig | ExistingGlobalConfig;

export interface ZoneConfig extends UniversalConfig {
  name: string;
  /** False takes the zone off the global and lets it run alone again. */
  federated: boolean;
  /** Directory with what the zone holds at first. */
  content?: string;
  /** For the store of that name. */
  postgres?: PostgresStore;
}

export interface StackConfig {
  global: GlobalConfig;
  zones: ZoneConfig[];
  onConflict: OnConflict;
  /** Directory with policies that the stack writes to the global. */
  policies?: string;
}

/** Reads values of the stack's configuration, for example a `pulumi.Config`. */
export interface ConfigSource {
  getObject<T>(key: string): T | undefined;
  get(key: string): string | undefined;
}

/** Where processes of a stack keep their files; `KUMA_FEDERATION_STATE` moves it. */
export function stackDirectory(stack: string): string {
  return path.join(process.env.KUMA_FEDERATION_STATE ?? ".kuma-federation", stack);
}

/** Checks the stack's configuration. `keys` are all that are set, with their namespace. Fails with one sentence that names the key, what it holds and what is allowed. */
export function readStackConfig(
  source: ConfigSource,
  stack: string,
  keys: readonly string[] = [],
): StackConfig {
  assertKnown(keys);
  const directory = stackDirectory(stack);
  const zones = source.getObject<unknown>("zones");
  if (!Array.isArray(zones) || zones.length === 0) throw wrong("zones", zones, "a list of at least one zone");
  const config: StackConfig = {
    global: readGlobal(new Section("global", source.getObject("global")), path.join(directory, "global")),
    zones: zones.map((zone, index) =>
      readZone(new Section(`zones[${index}]`, zone), path.join(directory, "zones")),
    ),
    onConflict: oneOf("onConflict", source.get("onConflict") ?? "fail", ON_CONFLICT),
    policies: source.get("policies"),
  };
  assertDistinct(
    "name",
    config.zones.map(({ name }) => name),
  );
  const running = [config.global, ...config.zones].filter((each) => each.platform === "universal");
  assertApart(running.map(({ portBase }) => portBase));
  return config;
}

const SETTINGS = ["global", "globalToken", "zones", "onConflict", "policies"];

function assertKnown(keys: readonly string[]): void {
  for (const key of keys) {
    const [namespace, name] = key.split(":");
    if (namespace === "kuma-federation" && !SETTINGS.includes(name)) {
      throw new KumaError("invalid", `The setting ${name} is not known; allowed are ${SETTINGS.join(", ")}.`);
    }
  }
}

function readGlobal(section: Section, directory: string): GlobalConfig {
  const platform = section.oneOf("platform", ["universal", "existing"] as const);
  if (platform === "existing") {
    section.allowOnly(["platform", "apiUrl", "kdsAddress", "kdsCaFile"]);
    const kdsAddress = section.text("kdsAddress");
    if (!/^grpcs:\/\/[^/]+:\d+$/.test(kdsAddress)) {
      throw wrong(
        section.key("kdsAddress"),
        kdsAddress,
        "an address such as grpcs://global.example.com:5685",
      );
    }
    return {
      platform,
      apiUrl: section.url("apiUrl"),
      kdsAddress,
      kdsCaFile: section.optionalText("kdsCaFile"),
    };
  }
  section.allowOnly(["platform", "portBase", "kumaCp", "store", "kdsHost"]);
  const kdsHost = section.optionalText("kdsHost") ?? "127.0.0.1";
  if (!/^[a-zA-Z0-9]([-.a-zA-Z0-9]*[a-zA-Z0-9])?$/.test(kdsHost)) {
    throw wrong(section.key("kdsHost"), kdsHost, "a host name or an IPv4 address, without scheme and port");
  }
  return { ...readUniversal(section, directory), kdsHost };
}

function readZone(section: Section, directory: string): ZoneConfig {
  section.oneOf("platform", ["universal"] as const);
  section.allowOnly(["name", "platform", "federated", "portBase", "kumaCp", "store", "content", "postgres"]);
  const name = section.text("name");
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) {
    throw wrong(section.key("name"), name, "1 to 63 lower-case letters, digits and dashes (a DNS label)");
  }
  return {
    ...readUniversal(section, path.join(directory, name), ["auto", "memory", "postgres"]),
    ...readPostgres(section),
    name,
    federated: section.flag("federated", true),
    content: section.optionalText("content"),
  };
}

function readPostgres(section: Section): { postgres?: PostgresStore } {
  if (!section.has("postgres") && !section.is("store", "postgres")) return {};
  const settings = section.section("postgres");
  settings.allowOnly(["host", "port", "user", "passwordVariable", "database", "federatedDatabase"]);
  const store = {
    host: settings.optionalText("host") ?? "127.0.0.1",
    port: settings.has("port") ? settings.integer("port", 1, 65_535) : 5432,
    user: settings.text("user"),
    passwordVariable: settings.optionalText("passwordVariable") ?? "KUMA_STORE_POSTGRES_PASSWORD",
    database: settings.text("database"),
    federatedDatabase: settings.text("federatedDatabase"),
  };
  if (store.database === store.federatedDatabase) {
    throw new KumaError(
      "invalid",
      `The settings ${settings.key("database")} and ${settings.key("federatedDatabase")} name the same database; ` +
        `a zone cannot be federated in the one in which it ran alone.`,
    );
  }
  return { postgres: store };
}

function readUniversal(
  section: Section,
  directory: string,
  stores: readonly StoreChoice[] = ["auto", "memory"],
): UniversalConfig {
  return {
    platform: "universal",
    directory,
    portBase: section.integer("portBase", 1024, 65_400),
    kumaCp: section.oneOf("kumaCp", ["auto", "embedded", "path", "download"] as const, "auto"),
    store: section.oneOf("store", stores, "auto"),
  };
}

/** One object of the configuration, with the key under which it stands. */
class Section {
  private readonly values: Record<string, unknown>;

  constructor(
    private readonly name: string,
    value: unknown,
  ) {
    if (value === null || typeof value !== "object" || Array.isArray(value))
      throw wrong(name, value, "an object");
    this.values = value as Record<string, unknown>;
  }

  key(name: string): string {
    return `${this.name}.${name}`;
  }

  has(name: string): boolean {
    return this.values[name] !== undefined;
  }

  is(name: string, value: string): boolean {
    return this.values[name] === value;
  }

  section(name: string): Section {
    return new Section(this.key(name), this.values[name]);
  }

  allowOnly(names: string[]): void {
    for (const name of Object.keys(this.values)) {
      if (!names.includes(name)) {
        throw new KumaError(
          "invalid",
          `The setting ${this.key(name)} is not known here; allowed are ${names.join(", ")}.`,
        );
      }
    }
  }

  oneOf<T extends string>(name: string, allowed: readonly T[], otherwise?: T): T {
    return oneOf(this.key(name), this.values[name] ?? otherwise, allowed);
  }

  text(name: string): string {
    const value = this.values[name];
    if (typeof value !== "string" || value === "") throw wrong(this.key(name), value, "a text");
    return value;
  }

  optionalText(name: string): string | undefined {
    return this.values[name] === undefined ? undefined : this.text(name);
  }

  url(name: string): string {
    const value = this.text(name);
    if (/^https?:\/\/[^/@]+(\/[^@]*)?$/.test(value)) return value;
    const shown = withoutCredentials(value);
    throw wrong(this.key(name), shown, "a URL such as http://localhost:5681, without credentials");
  }

  integer(name: string, least: number, most: number): number {
    const value = this.values[name];
    if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
    throw wrong(this.key(name), value, `a whole number from ${least} to ${most}`);
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.values[name] ?? otherwise;
    if (typeof value !== "boolean") throw wrong(this.key(name), value, "true or false");
    return value;
  }
}

function oneOf<T extends string>(key: string, value: unknown, allowed: readonly T[]): T {
  if (allowed.includes(value as T)) return value as T;
  throw wrong(key, value, allowed.length === 1 ? allowed[0] : `one of ${allowed.join(", ")}`);
}

function wrong(key: string, value: unknown, allowed: string): KumaError {
  const has = value === undefined ? "is missing" : `is ${JSON.stringify(value)}`;
  return new KumaError("invalid", `The setting ${key} ${has}; it must be ${allowed}.`);
}

function assertDistinct(what: string, values: string[]): void {
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice !== undefined) {
    throw new KumaError(
      "invalid",
      `Two zones have the ${what} ${JSON.stringify(twice)}; each zone needs its own.`,
    );
  }
}

/** A control plane takes ports up to its base + 85. */
function assertApart(bases: number[]): void {
  const sorted = [...bases].sort((a, b) => a - b);
  const close = sorted.find((base, index) => index > 0 && base - sorted[index - 1] < 20);
  if (close !== undefined) {
    throw new KumaError(
      "invalid",
      `Two settings portBase are closer than 20 to each other (near ${close}); control planes would share ports.`,
    );
  }
}
