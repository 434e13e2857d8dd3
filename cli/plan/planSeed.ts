import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import * as yaml from "js-yaml";
import type { StackFile } from "../stack/file/stackFile";
import { EngineFailed, EngineStack } from "../stack/engineStack";

/**
 * A secret that only this stack's preview and its `up` know. The engine encrypts it as it encrypts the stack's secrets, so that
 * it takes every secrets provider; in a file of its own, as it is no setting.
 */
const KEY = "kuma-federation:plan";

export async function newSeed(stack: EngineStack): Promise<{ seed: string; encrypted: string }> {
  const seed = randomBytes(32).toString("base64url");
  const encrypted = await withFile(stack, {}, async (file) => {
    await stack.run(["config", "set", "--secret", KEY, "--config-file", file], seed);
    const { config, encryptionsalt } = yaml.load(fs.readFileSync(file, "utf8")) as StackFile;
    keepSalt(stack, encryptionsalt);
    return config?.[KEY] as { secure: string };
  });
  return { seed, encrypted: encrypted.secure };
}

/** Undefined where it was not encrypted as this stack's secrets are. */
export async function openSeed(stack: EngineStack, encrypted: string): Promise<string | undefined> {
  try {
    return await withFile(stack, { [KEY]: { secure: encrypted } }, async (file) =>
      (await stack.run(["config", "get", KEY, "--config-file", file])).trim(),
    );
  } catch (error) {
    if (error instanceof EngineFailed) return undefined;
    throw error;
  }
}

/** The stack's file, as the engine has it, with more in it. */
async function withFile<T>(
  stack: EngineStack,
  more: Record<string, unknown>,
  work: (file: string) => Promise<T>,
): Promise<T> {
  const file = path.join(stack.place.workDir, "plan-seed.yaml");
  // the engine asks for the settings that the project must have
  const { config, ...rest } = engineFileOf(stack);
  fs.writeFileSync(file, yaml.dump({ ...rest, config: { ...config, ...more } }), { mode: 0o600 });
  try {
    return await work(file);
  } finally {
    fs.rmSync(file, { force: true });
  }
}

/** A stack that nobody has brought up yet has no salt but the one that the engine has made just now. */
function keepSalt(stack: EngineStack, encryptionsalt: unknown): void {
  const file = engineFileOf(stack);
  if (typeof encryptionsalt !== "string" || "encryptionsalt" in file || "secretsprovider" in file) return;
  fs.writeFileSync(placeOf(stack), yaml.dump({ encryptionsalt, ...file }));
}

/** What the engine was given for the stack's file, with the salt that it may have added. */
export function engineFileOf(stack: EngineStack): StackFile {
  return yaml.load(fs.readFileSync(placeOf(stack), "utf8")) as StackFile;
}

function placeOf({ name, place }: EngineStack): string {
  return path.join(place.workDir, `Pulumi.${name}.yaml`);
}
