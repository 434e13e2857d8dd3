import { createCipheriv, pbkdf2Sync, randomBytes } from "node:crypto";

/** What the engine puts into a stack's file. */
export function saltOf(passphrase: string): string {
  const [salt, nonce] = [randomBytes(8), randomBytes(12)];
  const cipher = createCipheriv("aes-256-gcm", pbkdf2Sync(passphrase, salt, 1_000_000, 32, "sha256"), nonce);
  const sealed = Buffer.concat([cipher.update("pulumi"), cipher.final(), cipher.getAuthTag()]);
  return `v1:${[salt.toString("base64"), "v1", nonce.toString("base64"), sealed.toString("base64")].join(":")}`;
}
