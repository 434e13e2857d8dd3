import * as path from "node:path";
import {
  KumaError,
  ON_DRIFT,
  ON_UNDO,
  OnConflict,
  OnDrift,
  OnUndo,
  PROFILES,
  Profile,
  databaseName,
  readOnConflict,
} from "../kuma";
import type { PostgresStore } from "../platforms/universal/postgresStore";
import { ON_FAILED_SWITCH, OnFailedSwitch } from "../platforms/failedSwitch";
import type { StoreChoice } from "../platforms/universal/settings";
import type { KumaCpChoice } from "../toolchain/kumaControlPlane";
import {
  KubernetesGlobalConfig,
  KubernetesZoneConfig,
  readKubernetesGlobal,
  readKubernetesZone,
} from "./kubernetes/config";
import { KonnectGlobalConfig, readKonnect } from "./konnectConfig";
import { readPostgres } from "./postgresConfig";
import { assertSecretsStaySecret } from "./secretSettings";
import { Section, oneOf, wrong } from "./section";

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
  /** File with the authority that signed the certificate of its API; the system's authorities when left out. */
  apiCaFile?: string;
  kdsAddress: string;
  /** File with the authority that signed the certificate of its KDS server; the system's authorities when left out. */
  kdsCaFile?: string;
}

export type GlobalConfig =
  UniversalGlobalConfig | ExistingGlobalConfig | KubernetesGlobalConfig | KonnectGlobalConfig;

export interface UniversalZoneConfig extends UniversalConfig {
  name: string;
  /** False takes the zone off the global and lets it run alone again. */
  federated: boolean;
  /** Which of its resources become the global's; `federation` when left out. */
  profile?: Profile;
  /** Directory with what the zone holds at first. */
  content?: string;
  /** For the store of that name. */
  postgres?: PostgresStore;
  /** What the stand-in for a zone's control plane calls itself; Konnect takes zones of Kong Mesh only. */
  product?: (typeof PRODUCTS)[number];
}

const PRODUCTS = ["Kuma", "Kong Mesh"] as const;

export type ZoneConfig = UniversalZoneConfig | KubernetesZoneConfig;

export interface StackConfig {
  global: GlobalConfig;
  zones: ZoneConfig[];
  onConflict: OnConflict;
  onDrift: OnDrift;
  onUndo: OnUndo;
  onFailedSwitch: OnFailedSwitch;
  /** Names of resources in zones whose differences are wanted as they are, though no rule of the ledger explains them. */
  acceptDifferences: string[];
  /** Directory with policies that the stack writes to the global. */
  policies?: string;
}

/** Reads values of the stack's configuration, for example a `pulumi.Config`. */
export interface ConfigSource {
  getObject<T>(key: string): T | undefined;
  get(key: string): string | undefined;
  /** Where secrets stand within a setting, or the setting alone; see `secretPaths`. */
  secretsIn(key: string): string[];
}

/**
 * Where processes of a stack keep their files; `KUMA_FEDERATION_STATE` moves it. Apart from what the program keeps beside
 * it, whatever a stack is called.
 */
export function stackDirectory(stack: string): string {
  return path.join(process.env.KUMA_FEDERATION_STATE ?? ".kuma-federation", "stacks", stack);
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
    onConflict: readOnConflict(parsedList(source.get("onConflict") ?? "fail")),
    onDrift: oneOf("onDrift", source.get("onDrift") ?? "repairMissing", ON_DRIFT),
    onUndo: oneOf("onUndo", source.get("onUndo") ?? "keepOnGlobal", ON_UNDO),
    onFailedSwitch: oneOf("onFailedSwitch", source.get("onFailedSwitch") ?? "takeBack", ON_FAILED_SWITCH),
    acceptDifferences: readNames("acceptDifferences", source.getObject("acceptDifferences")),
    policies: source.get("policies"),
  };
  assertSecretsStaySecret(config, ["global", "zones"].flatMap(source.secretsIn));
  assertDistinct(
    "name",
    config.zones.map(({ name }) => name),
  );
  assertDatabasesApart(config.zones);
  const standIn = config.global.platform === "konnect" ? config.global.standIn : undefined;
  const running = [config.global, ...config.zones].filter((each) => each.platform === "universal");
  assertApart([...running, ...(standIn ? [standIn] : [])].map(({ portBase }) => portBase));
  return config;
}

function readNames(key: string, value: unknown): string[] {
  const isName = (name: unknown) => typeof name === "string" && /^[A-Za-z]+ \S+$/.test(name);
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every(isName)) return value as string[];
  throw wrong(key, value, 'a list of names as messages tell them, such as "MeshTimeout default/all"');
}

/** A list reaches the program as the text of its JSON. */
function parsedList(text: string): unknown {
  try {
    return text.trimStart().startsWith("[") ? JSON.parse(text) : text;
  } catch {
    return text;
  }
}

const SETTINGS = [
  "global",
  "globalToken",
  "konnectToken",
  "kubeconfig",
  "zones",
  "onConflict",
  "onDrift",
  "onUndo",
  "onFailedSwitch",
  "acceptDifferences",
  "policies",
];

const NAMESPACE = "kuma-federation";

function assertKnown(keys: readonly string[]): void {
  for (const key of keys) {
    // without a namespace it is the project's
    const [name, namespace = NAMESPACE] = key.split(":").reverse();
    if (namespace === NAMESPACE && !SETTINGS.includes(name)) {
      throw new KumaError("invalid", `The setting ${name} is not known; allowed are ${SETTINGS.join(", ")}.`);
    }
    const isMeantHere = SETTINGS.includes(name) || /kuma|federation/i.test(namespace);
    if (namespace !== NAMESPACE && isMeantHere) {
      throw new KumaError(
        "invalid",
        `The setting ${key} has no effect, as it does not begin with ${NAMESPACE}: write ${NAMESPACE}:${name}.`,
      );
    }
  }
}

function readGlobal(section: Section, directory: string): GlobalConfig {
  const platform = section.oneOf("platform", ["universal", "kubernetes", "existing", "konnect"] as const);
  if (platform === "kubernetes") return readKubernetesGlobal(section);
  if (platform === "konnect") return readKonnect(section, path.join(directory, "konnect"));
  if (platform === "existing") {
    section.allowOnly(["platform", "apiUrl", "apiCaFile", "kdsAddress", "kdsCaFile"]);
    const apiCaFile = section.optionalText("apiCaFile");
    return {
      platform,
      apiUrl: section.secureUrl("apiUrl", "tokens and keys are sent there"),
      ...(apiCaFile !== undefined && { apiCaFile }),
      kdsAddress: section.kdsAddress("kdsAddress"),
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

function readZone(section: Section, directory: string): ZoneConfig {
  const platform = section.oneOf("platform", ["universal", "kubernetes"] as const);
  const name = section.text("name");
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) {
    throw wrong(section.key("name"), name, "1 to 63 lower-case letters, digits and dashes (a DNS label)");
  }
  const federated = section.flag("federated", true);
  const profile = section.optionalOneOf("profile", PROFILES);
  const common = { name, federated, ...(profile && { profile }) };
  if (platform === "kubernetes") return { ...readKubernetesZone(section), ...common };
  section.allowOnly([
    ...[
      "name",
      "platform",
      "federated",
      "profile",
      "portBase",
      "kumaCp",
      "store",
      "postgres",
      "content",
      "product",
    ],
  ]);
  const universal = readUniversal(section, path.join(directory, name), ["auto", "memory", "postgres"]);
  const product = section.optionalOneOf("product", PRODUCTS);
  return {
    ...universal,
    ...readPostgres(section, universal.store),
    ...common,
    content: section.optionalText("content"),
    ...(product && { product }),
  };
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

function assertDistinct(what: string, values: string[]): void {
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice !== undefined) {
    throw new KumaError(
      "invalid",
      `Two zones have the ${what} ${JSON.stringify(twice)}; each zone needs its own.`,
    );
  }
}

/** Two control planes on one database would overwrite each other's resources. */
function assertDatabasesApart(zones: ZoneConfig[]): void {
  const databases = zones.flatMap((zone) => {
    if (zone.platform !== "universal" || !zone.postgres) return [];
    const { host, port, database, federatedDatabase } = zone.postgres;
    return [database, federatedDatabase].map((name) => databaseName({ host, port, name }));
  });
  const twice = databases.find((each, index) => databases.indexOf(each) !== index);
  if (twice !== undefined) {
    throw new KumaError("invalid", `Two zones are given the ${twice}; each needs two of its own.`);
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
