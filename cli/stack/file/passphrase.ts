import { createDecipheriv, createHash, pbkdf2, randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { promisify } from "node:util";
import { UsageError } from "../../commandLine/usageError";
import { type State, stateFileOf } from "../stateDirectory";

/** The passphrase that a run encrypts secrets with: one that the user gives as Pulumi takes it, or this clone's own. */
export interface Passphrase {
  readonly value: string;
  /** For messages. */
  readonly source: string;
  /** Of 256 random bits, and in clear in the state directory. */
  readonly isOwn?: true;
  /** How the engine is told of it, where the user has not told it already. */
  readonly variables: Record<string, string>;
}

export function passphraseOf(state: State): Passphrase {
  const { PULUMI_CONFIG_PASSPHRASE: given, PULUMI_CONFIG_PASSPHRASE_FILE: file } = process.env;
  if (given !== undefined)
    return { value: given, source: "that of the variable PULUMI_CONFIG_PASSPHRASE", variables: {} };
  // to the engine an empty name is none as well (pulumi/pulumi#9568)
  if (file) {
    try {
      return {
        value: withoutSpace(fs.readFileSync(file, "utf8")),
        source: `that of the file ${file}`,
        variables: {},
      };
    } catch {
      throw new UsageError(
        `The file ${file}, which the variable PULUMI_CONFIG_PASSPHRASE_FILE names, cannot be read. Nothing was changed.`,
      );
    }
  }
  const own = ownPassphraseFile(state);
  const variables = { PULUMI_CONFIG_PASSPHRASE_FILE: own };
  const value = fs.readFileSync(own, "utf8").trim();
  return { value, source: `this clone's own, ${own}`, isOwn: true, variables };
}

/** As the engine takes it (Go's strings.TrimSpace): to that the mark at the start of a file of Windows is part of the passphrase. */
function withoutSpace(text: string): string {
  return text.replace(/^\p{White_Space}+|\p{White_Space}+$/gu, "");
}

/** Made at the first run, readable by its owner only. */
function ownPassphraseFile({ passphrase: file }: State): string {
  if (!fs.existsSync(file)) fs.writeFileSync(file, randomBytes(32).toString("base64url"), { mode: 0o600 });
  return file;
}

/**
 * Whether a passphrase goes with an `encryptionsalt`: `v1:<salt>:v1:<nonce>:<the word pulumi, encrypted>` (Pulumi 3.246,
 * pkg/secrets/passphrase/manager.go: AES-256-GCM with a key by PBKDF2).
 */
export async function opens({ value }: Passphrase, encryptionSalt: string): Promise<boolean> {
  const [version, salt, , nonce, sealed] = encryptionSalt.split(":");
  if (version !== "v1" || sealed === undefined) return false;
  const key = await keyOf(value, salt);
  const bytes = Buffer.from(sealed, "base64");
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
    decipher.setAuthTag(bytes.subarray(-16));
    return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString() === "pulumi";
  } catch {
    return false;
  }
}

const derive = promisify(pbkdf2);
const keys = new Map<string, Promise<Buffer>>();

/** It takes a third of a second, in a thread of its own; a command that opens its stack twice needs it once. */
function keyOf(passphrase: string, salt: string): Promise<Buffer> {
  const name = JSON.stringify([passphrase, salt]);
  const key = keys.get(name) ?? derive(passphrase, Buffer.from(salt, "base64"), 1_000_000, 32, "sha256");
  keys.set(name, key);
  return key;
}

/**
 * As `opens`, where the answer is noted in a file once it is yes. Only this clone's own passphrase is noted so: a hash that is
 * quick to make would help whoever guesses at another one.
 */
async function opensAsBefore(passphrase: Passphrase, salt: string, note: string): Promise<boolean> {
  if (!passphrase.isOwn) return opens(passphrase, salt);
  const mark = createHash("sha256").update(`${passphrase.value} ${salt}`).digest("hex");
  if (fs.existsSync(note) && fs.readFileSync(note, "utf8") === mark) return true;
  const isRight = await opens(passphrase, salt);
  if (isRight) fs.writeFileSync(note, mark, { mode: 0o600 });
  return isRight;
}

/** What the own backend says that the secrets in a stack's state are encrypted with. */
export function saltOfState(state: State, project: string, stack: string): string | undefined {
  const file = stateFileOf(state, project, stack);
  if (!fs.existsSync(file)) return undefined;
  const { checkpoint } = JSON.parse(fs.readFileSync(file, "utf8")) as {
    checkpoint?: { latest?: { secrets_providers?: { state?: { salt?: string } } } };
  };
  return checkpoint?.latest?.secrets_providers?.state?.salt;
}

/**
 * The salt for the engine's copy of a stack's file. That of the state stays, whatever the file says: without it nothing
 * could read the state any more.
 */
export async function saltFor(
  passphrase: Passphrase,
  salts: { ofState?: string; ofFile?: string },
  file: string,
  stack: string,
  /** Where it is noted that the passphrase opens the state. */
  note: string,
): Promise<string | undefined> {
  const { ofState, ofFile } = salts;
  if (ofState !== undefined && !(await opensAsBefore(passphrase, ofState, note))) {
    throw new UsageError(
      `The state of stack ${stack} is encrypted with another passphrase than ${passphrase.source}. Nothing was changed. ` +
        `Give the one that it has now, by PULUMI_CONFIG_PASSPHRASE or in the file that PULUMI_CONFIG_PASSPHRASE_FILE names; without both it is this clone's own.`,
    );
  }
  if (ofFile === undefined || ofFile === ofState) return ofState;
  if (await opens(passphrase, ofFile)) return ofFile;
  const suffix = `-- --stack ${stack} set NAME`;
  throw new UsageError(
    `The secrets in ${file} are encrypted with another passphrase than ${passphrase.source}. Nothing was changed. ` +
      (ofState === undefined
        ? `Give theirs in the variable PULUMI_CONFIG_PASSPHRASE, for this and every later command. Or take `
        : `The state of the stack depends on the latter, so take `) +
      `encryptionsalt and what stands as secure: out of the file, and set it again with npm run secret ${suffix}.`,
  );
}
