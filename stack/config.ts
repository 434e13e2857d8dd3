import * as v from "valibot";
import type { GlobalConfig, ZoneConfig } from "./settings/controlPlanes";
import type { OnConflict, OnDrift, OnUndo } from "../kuma";
import type { OnFailedSwitch } from "../platforms/failedSwitch";
import { stackDirectory } from "./directory";
import { Fault, assertNone, faultsOf } from "./faults";
import { isObject } from "./schema/fields";
import type { GuardrailLevel, GuardrailRules } from "./schema/guardrails";
import { SECRETS, STACK } from "./schema/stack";
import { unkeptSecrets } from "./secrets";

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
  /** Neither the global nor the membership of a zone may be taken away. */
  protect?: boolean;
  guardrails: GuardrailLevel;
  guardrailRules: GuardrailRules;
}

/** Reads values of the stack's configuration, for example a `pulumi.Config`. */
export interface ConfigSource {
  /** All that are set, with their namespace. */
  keys: readonly string[];
  /** A value, or the text of its JSON. */
  get(key: string): unknown;
  /** Where secrets stand within a setting, or the setting alone; see `secretPaths`. */
  secretsIn(key: string): string[];
  /** What this source itself sees to be wrong. */
  faults?: readonly Fault[];
}

/** Checks the stack's configuration. Fails with a sentence for each fault, that names the key, what it holds and what is allowed. */
export function readStackConfig(source: ConfigSource, stack: string): StackConfig {
  const names = Object.keys(STACK.entries).filter((name) => !Object.hasOwn(SECRETS, name));
  const given = Object.fromEntries(names.map((name) => [name, parsed(source.get(name))]));
  const secrets = names.flatMap(source.secretsIn);
  const { issues = [], output } = v.safeParse(STACK, given);
  // first what may be secret, as it explains what else is wrong there
  assertNone([
    ...source.keys.flatMap(misspelt),
    ...unkeptSecrets(
      given,
      secrets.filter((path) => /^(global|zones)\b/.test(path)),
    ),
    ...faultsOf(issues, secrets),
    ...(source.faults ?? []),
  ]);
  const settings = output as v.InferOutput<typeof STACK>;
  // what is wrong is told before it is loaded, with what control planes are made of
  const { globalOf, zoneOf } = require("./resolve") as typeof import("./resolve");
  const directory = stackDirectory(stack);
  return withoutUndefined({
    ...settings,
    global: globalOf(settings.global, directory),
    zones: settings.zones.map((zone) => zoneOf(zone, directory)),
  });
}

/** What is left out is not there at all, as what is compared or kept is to be the same again. */
function withoutUndefined<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutUndefined) as T;
  if (!isObject(value)) return value;
  const given = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(given.map(([key, inner]) => [key, withoutUndefined(inner)])) as T;
}

/** A list, an object or a flag reaches the program as the text of its JSON. */
export function parsed(value: unknown): unknown {
  if (value === "true" || value === "false") return value === "true";
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

const NAMESPACE = "kuma-federation";

function misspelt(key: string): Fault[] {
  const settings = Object.keys(STACK.entries);
  // without a namespace it is the project's
  const [name, namespace = NAMESPACE] = key.split(":").reverse();
  if (namespace === NAMESPACE) {
    if (settings.includes(name)) return [];
    return [{ key: name, message: `The setting ${name} is not known; allowed are ${settings.join(", ")}.` }];
  }
  if (!settings.includes(name) && !/kuma|federation/i.test(namespace)) return [];
  return [
    {
      key,
      message: `The setting ${key} has no effect, as it does not begin with ${NAMESPACE}: write ${NAMESPACE}:${name}.`,
    },
  ];
}
