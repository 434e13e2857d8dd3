import { createPublicKey, createVerify } from "node:crypto";
import { objectIn, parseJson } from "./json";

/** A token as Kuma makes them (v2.14.3, pkg/core/tokens/issuer.go): its parts, and not whether anybody accepts it. */
export interface Token {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
  /** What is signed, and by what. */
  signed: string;
  signature: string;
}

export function parseToken(text: string): Token | undefined {
  const [head = "", body = "", signature = ""] = text.trim().split(".");
  const [header, claims] = [decoded(head), decoded(body)];
  return header && claims && { header, claims, signed: `${head}.${body}`, signature };
}

/** Whether a key has signed it, which may be the private or the public half, as PEM. */
export function isSignedBy({ header, signed, signature }: Token, pem: string): boolean {
  if (header.alg !== "RS256") return false;
  try {
    return createVerify("RSA-SHA256").update(signed).verify(createPublicKey(pem), signature, "base64url");
  } catch {
    return false;
  }
}

function decoded(part: string): Record<string, unknown> | undefined {
  return objectIn(parseJson(Buffer.from(part, "base64url").toString("utf8")));
}
