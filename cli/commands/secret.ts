import * as fs from "node:fs";
import * as path from "node:path";
import * as readline from "node:readline";
import { text as textOf } from "node:stream/consumers";
import { Writable } from "node:stream";
import * as yaml from "js-yaml";
import type { Arguments } from "../commandLine/arguments";
import { usageOf } from "../commandLine/usage";
import { OperationFailed, UsageError } from "../terminal/errors";
import { print } from "../terminal/print";
import { StackFile, readProjectFile, readStackFile, stackFilePath } from "../stack/file/stackFile";
import { SECRETS } from "../../stack/schema/stack";
import { EngineFailed, EngineStack } from "../stack/engineStack";
import { assertByPassphrase, changePassphrase } from "../stack/rotation";
import { withSecret } from "../stack/file/stackFileText";
import { openWithEngine } from "../stack/workspace";

const PASSPHRASE = "passphrase";
const NAMES = Object.keys(SECRETS);

/**
 * Puts a secret into a stack's file, encrypted with what its state is encrypted with: `pulumi config set --secret` for
 * machines without Pulumi, and for a passphrase that only this program knows.
 */
export async function secret(root: string, { stack: stackName, words = [] }: Arguments): Promise<number> {
  const name = settingIn(words);
  const file = stackFilePath(root, stackName);
  const settings = readStackFile(root, stackName);
  assertWritable(file);
  if (name === PASSPHRASE) return rotate(root, stackName, file, settings);
  const value = await readValue(name);
  if (value.trim() === "") throw new UsageError(`No value was given for ${name}. Nothing was changed.`);
  const stack = await openWithEngine(root, stackName);
  const key = `${readProjectFile(root).name}:${name}`;
  await encrypt(stack, key, value);
  const copy = path.join(stack.place.workDir, `Pulumi.${stackName}.yaml`);
  const { config = {}, encryptionsalt } = yaml.load(fs.readFileSync(copy, "utf8")) as StackFile;
  fs.writeFileSync(file, withSecret(fs.readFileSync(file, "utf8"), key, config[key], encryptionsalt));
  print(`${name} of stack ${stackName} is set, encrypted, in ${file}.`);
  return 0;
}

/** Everything that the stack keeps is encrypted anew. */
async function rotate(root: string, stackName: string, file: string, settings: StackFile): Promise<number> {
  assertByPassphrase(settings, file);
  const value = await readValue("the new passphrase");
  if (value.trim() === "" || value !== value.trim() || value.includes("\n"))
    throw new UsageError(
      "The new passphrase must be one line, not empty, and must not begin or end with a space. Nothing was changed.",
    );
  await changePassphrase(await openWithEngine(root, stackName), file, value);
  print(`The state of stack ${stackName} and the secrets in ${file} are encrypted with the new passphrase.`);
  print(
    "Next: give it to every command on this stack from now on (PULUMI_CONFIG_PASSPHRASE, or a file that PULUMI_CONFIG_PASSPHRASE_FILE " +
      "names). Plans that were saved before are refused: save them again.",
  );
  return 0;
}

function settingIn([verb, name, ...more]: readonly string[]): string {
  if (verb === "set" && NAMES.includes(name) && more.length === 0) return name;
  if (verb === "rotate" && name === PASSPHRASE && more.length === 0) return name;
  throw new UsageError(
    `npm run secret needs the word set and one of ${NAMES.join(", ")}, or the words rotate ${PASSPHRASE}. Nothing was changed.\n\n${usageOf("secret")}`,
  );
}

function assertWritable(file: string): void {
  try {
    fs.accessSync(file, fs.constants.W_OK);
  } catch {
    throw new UsageError(`${file} cannot be written, and the secret is to stand there. Nothing was changed.`);
  }
}

async function readValue(name: string): Promise<string> {
  if (!process.stdin.isTTY) return (await textOf(process.stdin)).replace(/\r?\n$/, "");
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = readline.createInterface({ input: process.stdin, output: silent, terminal: true });
  // only now: until then the terminal shows what is typed, and Ctrl-C is a signal
  process.stderr.write(`Value of ${name} (not shown): `);
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once("line", resolve);
      // Ctrl-D, or the end of the terminal
      lines.once("close", () => resolve(""));
      lines.once("SIGINT", () => reject(new UsageError("Nothing was changed.")));
    });
  } finally {
    lines.close();
    process.stderr.write("\n");
  }
}

/** By its standard input, as everybody on the machine can read the arguments of a process. */
async function encrypt(stack: EngineStack, key: string, value: string): Promise<void> {
  try {
    await stack.run(["stack", "select", "--create"]);
    await stack.run(["config", "set", "--secret", key], value);
  } catch (error) {
    if (!(error instanceof EngineFailed)) throw error;
    throw new OperationFailed(
      `The Pulumi engine failed: ${error.complaint.replaceAll(value, "…").trim()} Nothing was changed.`,
    );
  }
}
