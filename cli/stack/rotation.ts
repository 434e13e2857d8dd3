import * as fs from "node:fs";
import * as path from "node:path";
import * as yaml from "js-yaml";
import { isAlive } from "../../toolchain/process/processId";
import { OperationFailed, UsageError } from "../terminal/errors";
import { exportDeployment } from "./deployment";
import { EngineFailed, EngineStack } from "./engineStack";
import type { StackFile } from "./file/stackFile";
import { withSecret } from "./file/stackFileText";

/** Beside the engine's copy of a stack's file, as long as its passphrase is being changed. */
const NOTE = "passphrase-changes.json";

interface Note {
  pid: number;
  /** The stack's file. */
  file: string;
  /** Of the engine's copy before. */
  salt: string | null;
}

/** Fails where no passphrase encrypts the stack's secrets, before anything is asked for. */
export function assertByPassphrase({ secretsprovider }: StackFile, file: string): void {
  if (secretsprovider === undefined || secretsprovider === "passphrase") return;
  throw new UsageError(
    `The secrets of ${file} are encrypted by its secretsprovider, and not with a passphrase. Nothing was changed. ` +
      `Rotate the key where the provider keeps it.`,
  );
}

/**
 * Encrypts the state and the stack's file anew, with another passphrase. The engine does it with its copy of the file and then
 * with the state (Pulumi 3.246, pulumi stack change-secrets-provider); it asks for the new one twice. Where this ends half-way,
 * the next command settles it.
 */
export async function changePassphrase(stack: EngineStack, file: string, passphrase: string): Promise<void> {
  const note = noteOf(stack);
  try {
    await stack.run(["stack", "select", "--create"]);
    const content: Note = { pid: process.pid, file, salt: readCopy(stack, file).encryptionsalt ?? null };
    fs.writeFileSync(note, JSON.stringify(content), { mode: 0o600 });
    await stack.run(["stack", "change-secrets-provider", "passphrase"], `${passphrase}\n${passphrase}\n`);
  } catch (error) {
    if (!(error instanceof EngineFailed)) throw error;
    throw new OperationFailed(
      `The Pulumi engine failed: ${error.complaint.replaceAll(passphrase, "…").trim()} The stack's file was not changed.`,
    );
  }
  takeOver(stack, file);
  fs.rmSync(note);
}

/**
 * Ends a change of the passphrase that was cut short: the stack's file follows the state where that is encrypted anew already, and
 * all is as it was otherwise. To be called before anything is written in the engine's copy of the file.
 */
export async function settlePassphrase(stack: EngineStack, tell: (line: string) => void): Promise<void> {
  const note = noteOf(stack);
  if (!fs.existsSync(note)) return;
  const { pid, file, salt } = JSON.parse(fs.readFileSync(note, "utf8")) as Note;
  if (pid !== process.pid && isAlive(pid))
    throw new UsageError(
      `The passphrase of stack ${stack.name} is being changed by another command (process ${pid}). Nothing was done. Run this again once ` +
        `that has ended; if that process is another program, remove ${note} first.`,
    );
  const { deployment } = await exportDeployment(stack);
  const provider = deployment.secrets_providers as { state?: { salt?: string } } | undefined;
  const copy = readCopy(stack, file);
  if (copy.encryptionsalt !== undefined && provider?.state?.salt === copy.encryptionsalt) {
    takeOver(stack, file);
    tell(
      `A change of the passphrase of stack ${stack.name} was cut short; it is completed: the secrets in ${file} are encrypted with the new one as well.`,
    );
  } else {
    const { encryptionsalt: _, ...rest } = copy;
    fs.writeFileSync(
      copyOf(stack, file),
      yaml.dump({ ...(salt !== null && { encryptionsalt: salt }), ...rest }),
    );
    tell(
      `A change of the passphrase of stack ${stack.name} was cut short before anything was encrypted anew: the former one goes on.`,
    );
  }
  fs.rmSync(note);
}

function noteOf({ place }: EngineStack): string {
  return path.join(place.workDir, NOTE);
}

function copyOf({ place }: EngineStack, file: string): string {
  return path.join(place.workDir, path.basename(file));
}

function readCopy(stack: EngineStack, file: string): StackFile & { encryptionsalt?: string } {
  return yaml.load(fs.readFileSync(copyOf(stack, file), "utf8")) as StackFile;
}

/** Has the stack's file hold its secrets as the engine's copy does. */
function takeOver(stack: EngineStack, file: string): void {
  const { config = {}, encryptionsalt } = readCopy(stack, file);
  const before = fs.readFileSync(file, "utf8");
  // one without secrets may have a salt all the same, which no passphrase would open any more
  const salted = before.replace(/^encryptionsalt:.*$/m, () => `encryptionsalt: ${String(encryptionsalt)}`);
  const after = Object.entries(config)
    .filter(([, value]) => JSON.stringify(value).includes('"secure":'))
    .reduce((text, [key, value]) => withSecret(text, key, value, encryptionsalt), salted);
  if (after !== before) fs.writeFileSync(file, after);
}
