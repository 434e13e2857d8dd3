import * as fs from "node:fs";
import * as path from "node:path";
import * as yaml from "js-yaml";
import { OperationFailed, UsageError } from "../terminal/errors";
import { EngineFailed, EngineStack } from "./engineStack";
import type { StackFile } from "./file/stackFile";
import { withSecret } from "./file/stackFileText";

/** Fails where no passphrase encrypts the stack's secrets, before anything is asked for. */
export function assertByPassphrase({ secretsprovider }: StackFile, file: string): void {
  if (secretsprovider === undefined || secretsprovider === "passphrase") return;
  throw new UsageError(
    `The secrets of ${file} are encrypted by its secretsprovider, and not with a passphrase. Nothing was changed. ` +
      `Rotate the key where the provider keeps it.`,
  );
}

/**
 * Encrypts the state and the stack's file anew, with another passphrase. The engine does it with the state and with its copy of
 * the file (Pulumi 3.246, pulumi stack change-secrets-provider); it asks for the new one twice.
 */
export async function changePassphrase(stack: EngineStack, file: string, passphrase: string): Promise<void> {
  try {
    await stack.run(["stack", "select", "--create"]);
    await stack.run(["stack", "change-secrets-provider", "passphrase"], `${passphrase}\n${passphrase}\n`);
  } catch (error) {
    if (!(error instanceof EngineFailed)) throw error;
    throw new OperationFailed(
      `The Pulumi engine failed: ${error.complaint.replaceAll(passphrase, "…").trim()} The stack's file was not changed.`,
    );
  }
  const copy = path.join(stack.place.workDir, path.basename(file));
  const { config = {}, encryptionsalt } = yaml.load(fs.readFileSync(copy, "utf8")) as StackFile;
  const before = fs.readFileSync(file, "utf8");
  // one without secrets may have a salt all the same, which no passphrase would open any more
  const salted = before.replace(/^encryptionsalt:.*$/m, () => `encryptionsalt: ${String(encryptionsalt)}`);
  const after = Object.entries(config)
    .filter(([, value]) => JSON.stringify(value).includes('"secure":'))
    .reduce((text, [key, value]) => withSecret(text, key, value, encryptionsalt), salted);
  if (after !== before) fs.writeFileSync(file, after);
}
