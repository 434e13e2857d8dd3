import * as path from "node:path";
import { KumaError, ON_CONFLICT, OnConflict, withoutCredentials } from "../kuma";
import { KONNECT_REGIONS, KonnectAddresses, KonnectRegion, konnectAddresses } from "../kuma/konnect";
import { ZONE_PROVISIONING, ZoneProvisioning } from "../platforms/konnect/zoneAccess";
import { standInKonnect } from "../platforms/konnect/standIn";
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

/** A control plane that Kong hosts. */
export interface KonnectGlobalConfig {
  platform: "konnect";
  region: KonnectRegion;
  /** Either the name of a control plane, or an id. */
  controlPlane?: string;
  controlPlaneId?: string;
  /** Make it when the region has none of this name. */
  create: boolean;
  zoneProvisioning: ZoneProvisioning;
  /** Days until a zone's token ends; it is renewed before. */
  tokenDays: number;
  addresses: KonnectAddresses;
  /** See `KonnectMembership`; not needed for Konnect itself. */
  systemCaFile?: string;
  /** Where a stand-in for Konnect runs on this machine, in place of Kong's. */
  standIn?: { directory: string; portBase: number };
}

export type GlobalConfig = UniversalGlobalConfig | ExistingGlobalConfig | KonnectGlobalConfig;

export interface ZoneConfig extends UniversalConfig {
  name: string;
  /** False takes the zone off the global and lets it run alone again. */
  federated: boolean;
  /** Directory with what the zone holds at first. */
  content?: string;
  /** What the stand-in for a zone's control plane calls itself; Konnect takes zones of Kong Mesh only. */
  product?: (typeof PRODUCTS)[number];
}

const PRODUCTS = ["Kuma", "Kong Mesh"] as const;

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
    global: readGlobal(new Section("global", source.getObject("global")), directory),
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
  const { global } = config;
  const own =
    global.platform === "konnect" ? global.standIn : global.platform === "universal" ? global : undefined;
  const bases = [...(own ? [own] : []), ...config.zones].map(({ portBase }) => portBase);
  assertApart(bases);
  return config;
}

const SETTINGS = ["global", "globalToken", "konnectToken", "zones", "onConflict", "policies"];

function assertKnown(keys: readonly string[]): void {
  for (const key of keys) {
    const [namespace, name] = key.split(":");
    if (namespace === "kuma-federation" && !SETTINGS.includes(name)) {
      throw new KumaError("invalid", `The setting ${name} is not known; allowed are ${SETTINGS.join(", ")}.`);
    }
  }
}

function readGlobal(section: Section, directory: string): GlobalConfig {
  const platform = section.oneOf("platform", ["universal", "existing", "konnect"] as const);
  if (platform === "konnect") return readKonnect(section, path.join(directory, "konnect"));
  if (platform === "existing") {
    section.allowOnly(["platform", "apiUrl", "kdsAddress", "kdsCaFile"]);
    const kdsAddress = section.kdsAddress("kdsAddress");
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
  return { ...readUniversal(section, path.join(directory, "global")), kdsHost };
}

const KONNECT_SETTINGS = [
  "region",
  "controlPlane",
  "controlPlaneId",
  "create",
  "zoneProvisioning",
  "tokenDays",
];
const KONNECT_ADDRESSES = ["apiUrl", "identityUrl", "kdsAddress", "systemCaFile"];

function readKonnect(section: Section, directory: string): KonnectGlobalConfig {
  section.allowOnly(["platform", ...KONNECT_SETTINGS, ...KONNECT_ADDRESSES, "standIn"]);
  const region = section.oneOf("region", KONNECT_REGIONS);
  const standIn = readStandIn(section, directory);
  const [controlPlane, controlPlaneId] = [
    section.optionalText("controlPlane"),
    section.optionalText("controlPlaneId"),
  ];
  const create = section.flag("create", false);
  if ((controlPlane === undefined) === (controlPlaneId === undefined)) {
    throw new KumaError(
      "invalid",
      "Give either the setting global.controlPlane (a name) or global.controlPlaneId, so that it is clear which control plane in Konnect is meant.",
    );
  }
  if (controlPlaneId !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(controlPlaneId))
    throw wrong(section.key("controlPlaneId"), controlPlaneId, "a UUID, as Konnect shows it");
  if (controlPlaneId !== undefined && create)
    throw wrong(
      section.key("create"),
      create,
      "false where global.controlPlaneId is given: an id cannot be chosen",
    );
  const stated = standIn && standInKonnect(standIn);
  return {
    platform: "konnect",
    region,
    controlPlane,
    controlPlaneId,
    create,
    zoneProvisioning: section.oneOf("zoneProvisioning", ZONE_PROVISIONING, "systemAccount"),
    tokenDays: section.integer("tokenDays", 1, 365, 90),
    addresses: konnectAddresses(region, {
      apiUrl: section.has("apiUrl") ? section.secureUrl("apiUrl") : stated?.apiUrl,
      identityUrl: section.has("identityUrl") ? section.secureUrl("identityUrl") : stated?.identityUrl,
      kdsAddress: section.has("kdsAddress") ? section.kdsAddress("kdsAddress") : stated?.kdsAddress,
    }),
    systemCaFile: section.optionalText("systemCaFile") ?? stated?.systemCaFile,
    standIn,
  };
}

function readStandIn(section: Section, directory: string): KonnectGlobalConfig["standIn"] {
  const inner = section.section("standIn");
  inner?.allowOnly(["portBase"]);
  return inner && { directory, portBase: inner.integer("portBase", 1024, 65_400) };
}

function readZone(section: Section, directory: string): ZoneConfig {
  section.oneOf("platform", ["universal"] as const);
  section.allowOnly(["name", "platform", "federated", "portBase", "kumaCp", "store", "content", "product"]);
  const name = section.text("name");
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) {
    throw wrong(section.key("name"), name, "1 to 63 lower-case letters, digits and dashes (a DNS label)");
  }
  const product = section.optionalOneOf("product", PRODUCTS);
  return {
    ...readUniversal(section, path.join(directory, name)),
    name,
    federated: section.flag("federated", true),
    content: section.optionalText("content"),
    ...(product && { product }),
  };
}

function readUniversal(section: Section, directory: string): UniversalConfig {
  return {
    platform: "universal",
    directory,
    portBase: section.integer("portBase", 1024, 65_400),
    kumaCp: section.oneOf("kumaCp", ["auto", "embedded", "path", "download"] as const, "auto"),
    store: section.oneOf("store", ["auto", "memory"] as const, "auto"),
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

  optionalOneOf<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    return this.values[name] === undefined ? undefined : this.oneOf(name, allowed);
  }

  has(name: string): boolean {
    return this.values[name] !== undefined;
  }

  section(name: string): Section | undefined {
    return !this.has(name) ? undefined : new Section(this.key(name), this.values[name]);
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

  /** For what a token is sent to: in clear only to this machine. */
  secureUrl(name: string): string {
    const value = this.url(name);
    if (/^https:|^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(\/|$)/.test(value)) return value;
    throw wrong(this.key(name), value, "an https address: the Konnect token is sent there");
  }

  kdsAddress(name: string): string {
    const value = this.text(name);
    if (/^grpcs:\/\/[^/]+:\d+$/.test(value)) return value;
    throw wrong(this.key(name), value, "an address such as grpcs://global.example.com:5685");
  }

  integer(name: string, least: number, most: number, otherwise?: number): number {
    const value = this.values[name] === undefined ? otherwise : this.values[name];
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
