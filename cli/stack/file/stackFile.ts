import * as fs from "node:fs";
import * as path from "node:path";
import * as yaml from "js-yaml";
import { readContent } from "../../../kuma/policies/files";
import { readPolicies } from "../../../kuma/policies/policyFiles";
import { WITHOUT_DATES } from "../../../kuma/policies/yaml";
import { StackConfig, parsed, readStackConfig } from "../../../stack/config";
import { SECRETS } from "../../../stack/schema/stack";
import { secretPaths } from "../../../stack/secrets";
import { UsageError } from "../../commandLine/usageError";
import { stateDirectory } from "../stateDirectory";

/** `Pulumi.yaml`, the project. */
export interface ProjectFile {
  name: string;
  config?: Record<string, { default?: unknown }>;
}

/** `Pulumi.<stack>.yaml`. */
export interface StackFile {
  config?: Record<string, unknown>;
  [key: string]: unknown;
}

/** Where stack files lie; `KUMA_FEDERATION_STACKS` names another directory than the project's. */
export function stackFilePath(root: string, stack: string): string {
  const file = path.join(process.env.KUMA_FEDERATION_STACKS ?? root, `Pulumi.${stack}.yaml`);
  return kept.get(file) ?? file;
}

/** Copies that are read in place of files that are gone. */
const kept = new Map<string, string>();

/**
 * Has a stack whose file is gone described by the copy that its last run has left, so that it can be taken down.
 *
 * @returns the file that is gone
 */
export function useKeptStackFile(root: string, stack: string): string | undefined {
  const file = stackFilePath(root, stack);
  const copy = keptCopy(root, stack);
  if (fs.existsSync(file) || !fs.existsSync(copy)) return undefined;
  kept.set(file, copy);
  return file;
}

/** What the engine was given by the last run, see `writeWorkspace`. */
function keptCopy(root: string, stack: string): string {
  return path.join(stateDirectory(root), "workspace", stack, `Pulumi.${stack}.yaml`);
}

export function readProjectFile(root: string): ProjectFile {
  return yaml.load(fs.readFileSync(path.join(root, "Pulumi.yaml"), "utf8")) as ProjectFile;
}

export function readStackFile(root: string, stack: string): StackFile {
  const file = stackFilePath(root, stack);
  let text: string;
  try {
    text = fs.readFileSync(file, "utf8");
  } catch {
    throw new UsageError(
      `There is no stack ${stack}: ${file} cannot be read. Stacks here: ${stacksBeside(file).join(", ") || "none"}.` +
        (fs.existsSync(keptCopy(root, stack))
          ? ` It has been run: npm run destroy -- --stack ${stack} takes down what is left of it.`
          : ` To take a stack's file away takes nothing down: npm run destroy does, before that.`),
    );
  }
  let parsed: unknown;
  try {
    parsed = yaml.load(text, { schema: WITHOUT_DATES });
  } catch (error) {
    throw new UsageError(`${file} is not YAML: ${(error as Error).message.split("\n")[0]}.`);
  }
  if (parsed === null || typeof parsed !== "object" || Array.isArray(parsed))
    throw new UsageError(`${file} holds no settings.`);
  return parsed as StackFile;
}

/** The stack's configuration, checked before anything is started. */
export function readConfigOf(root: string, stack: string): StackConfig {
  const { name, config: schema } = readProjectFile(root);
  const { config } = readStackFile(root, stack);
  const value = (key: string) => config?.[`${name}:${key}`] ?? config?.[key] ?? schema?.[key]?.default;
  return readStackConfig(
    {
      keys: Object.keys(config ?? {}),
      // a number or a flag as `pulumi.Config` gives it
      get: (key) => {
        const held = value(key);
        return typeof held === "number" || typeof held === "boolean" ? String(held) : held;
      },
      secretsIn: (key) => secretPaths(key, parsed(value(key))),
      faults: Object.entries(SECRETS).flatMap(([key, elsewhere]) =>
        typeof config?.[`${name}:${key}`] === "string"
          ? {
              key,
              message: `The setting ${key} stands in clear text in ${stackFilePath(root, stack)}. Set it with "npm run secret -- --stack ${stack} set ${key}", or give it in ${elsewhere}.`,
            }
          : [],
      ),
    },
    stack,
  );
}

/**
 * Fails where something is wrong with the files that the settings name, for the commands that use them: it is told better
 * before anything is started.
 */
export function assertInputs({ policies, zones }: StackConfig): void {
  if (policies !== undefined) readPolicies(policies, "policies");
  for (const zone of zones) {
    if (zone.platform === "universal" && zone.content !== undefined) readContent(zone.content, zone.name);
  }
}

/**
 * The same stack with its adopted zones running alone. A zone in a cluster has to get its former Helm values back while
 * its release is still part of the stack, so that is what comes before taking a stack down.
 */
export function withAdoptedZonesAlone(file: StackFile): StackFile {
  const alone = (zone: Record<string, unknown>) =>
    zone.platform === "kubernetes" && (zone.install ?? "adopt") === "adopt"
      ? { ...zone, federated: false }
      : zone;
  const config = Object.entries(file.config ?? {}).map(([key, value]) => {
    const zones = key.split(":").at(-1) === "zones" ? parsed(value) : undefined;
    return [key, Array.isArray(zones) ? (zones as Record<string, unknown>[]).map(alone) : value];
  });
  return { ...file, config: Object.fromEntries(config) as Record<string, unknown> };
}

/**
 * The same stack without its secrets. What takes it down or looks at its state has them from there, and is not to fail over
 * a file whose secrets cannot be read.
 */
export function withoutSecrets({ encryptionsalt: _, ...file }: StackFile): StackFile {
  return withoutSecure(file) as StackFile;
}

function withoutSecure(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((each) => !isSecure(each)).map(withoutSecure);
  if (value === null || typeof value !== "object") return value;
  const kept = Object.entries(value).filter(([, inner]) => !isSecure(inner));
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutSecure(inner)]));
}

function isSecure(value: unknown): boolean {
  return value !== null && typeof value === "object" && Object.keys(value).join() === "secure";
}

function stacksBeside(file: string): string[] {
  const directory = path.dirname(file);
  if (!fs.existsSync(directory)) return [];
  return fs.readdirSync(directory).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
}

/** Whether a stack's file holds secrets that are encrypted with a passphrase. */
export function hasEncryptedSecrets(root: string, stack: string): boolean {
  const file = stackFilePath(root, stack);
  return fs.existsSync(file) && typeof readStackFile(root, stack).encryptionsalt === "string";
}
