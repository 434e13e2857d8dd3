import { createPublicKey, createSign, createVerify, randomUUID } from "node:crypto";

import type { SigningKey } from "./signingKeys";

/** Clocks differ: a token is valid a little before it is issued. */
const CLOCK_SKEW_SECONDS = 5;

export type Claims = Record<string, unknown>;

/** A JSON web token, signed with RS256. Source: Kuma v2.14.3 pkg/core/tokens/issuer.go. */
export function issueToken(claims: Claims, key: SigningKey, validForMs: number): string {
  const now = Math.floor(Date.now() / 1000) - CLOCK_SKEW_SECONDS;
  const signed = [
    { alg: "RS256", kid: key.id, typ: "JWT" },
    {
      ...claims,
      exp: Math.floor(now + validForMs / 1000 + CLOCK_SKEW_SECONDS),
      nbf: now,
      iat: now,
      jti: randomUUID(),
    },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${signed}.${createSign("RSA-SHA256").update(signed).sign(key.pem, "base64url")}`;
}

/** The claims of a token, when a key that `keyPem` knows has signed it and it is valid now. */
export function verifyToken(token: string, keyPem: (id: string) => string | undefined): Claims | undefined {
  const parts = token.split(".");
  if (parts.length !== 3) {
    return undefined;
  }
  const header = decode(parts[0]);
  const claims = decode(parts[1]);
  if (!header || !claims || header.alg !== "RS256") {
    return undefined;
  }
  const pem = keyPem(String(header.kid ?? ""));
  if (pem === undefined || !signatureMatches(pem, `${parts[0]}.${parts[1]}`, parts[2])) {
    return undefined;
  }
  const now = Date.now() / 1000;
  return Number(claims.nbf ?? 0) <= now && now < Number(claims.exp ?? 0) ? claims : undefined;
}

function signatureMatches(pem: string, signed: string, signature: string): boolean {
  try {
    return createVerify("RSA-SHA256").update(signed).verify(createPublicKey(pem), signature, "base64url");
  } catch {
    return false;
  }
}

function decode(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Claims) : undefined;
  } catch {
    return undefined;
  }
}
