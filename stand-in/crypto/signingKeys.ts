import { createPrivateKey, createPublicKey, generateKeyPair } from "node:crypto";
import { promisify } from "node:util";

import type { Resource } from "../resources/model";
import type { Store } from "../resources/store";
import { RSA_BITS } from "./rsaBits";

/** Names of the secrets that hold signing keys end in the key's serial number, which is the `kid` of its tokens. */
export const USER_TOKEN_KEY = "user-token-signing-key";
export const ZONE_TOKEN_KEY = "zone-token-signing-key";
export const ZONE_TOKEN_PUBLIC_KEY = "zone-token-signing-public-key";
export const FIRST_KEY_ID = "1";

export function dataplaneTokenKey(mesh: string): string {
  return `dataplane-token-signing-key-${mesh}`;
}

const generate = promisify(generateKeyPair);

/** An RSA key in the form that Kuma keeps signing keys in (PKCS #1). */
export async function createSigningKey(): Promise<string> {
  const { privateKey } = await generate("rsa", { modulusLength: RSA_BITS });
  return privateKey.export({ format: "pem", type: "pkcs1" }).toString();
}

/** Zones check zone tokens, but do not make them: they are sent the public half only. */
export function publicHalf(privateKeyPem: string): string {
  return createPublicKey(createPrivateKey(privateKeyPem)).export({ format: "pem", type: "pkcs1" }).toString();
}

export function secretText(secret: Resource): string {
  return Buffer.from(String(secret.body.data ?? ""), "base64").toString("utf8");
}

export interface SigningKey {
  id: string;
  pem: string;
}

/**
 * The signing key with the highest serial number.
 * Source: Kuma v2.14.3 pkg/core/tokens/signing_key_manager.go.
 */
export function latestSigningKey(store: Store, prefix: string, mesh: string): SigningKey | undefined {
  let latest: { serial: number; secret: Resource } | undefined;
  for (const secret of store.list(mesh === "" ? "GlobalSecret" : "Secret", mesh === "" ? undefined : mesh)) {
    const serial = serialNumber(secret.name, prefix);
    if (serial !== undefined && (!latest || serial > latest.serial)) {
      latest = { serial, secret };
    }
  }
  return latest && { id: String(latest.serial), pem: secretText(latest.secret) };
}

function serialNumber(name: string, prefix: string): number | undefined {
  const match = name.startsWith(`${prefix}-`) ? /^\d+$/.exec(name.slice(prefix.length + 1)) : null;
  return match ? Number(match[0]) : undefined;
}
