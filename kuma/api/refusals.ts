import { objectIn, objectsIn, parseJson } from "./json";
import { oneLine } from "../printable";

/** In place of what a server says about a secret: it may repeat the secret in any form. */
export const UNSPOKEN = " (what it says about a secret is not shown)";

/** How much of a server's words is shown. */
const LONGEST = 2_000;
/** So much of a text in a row is no coincidence. */
const TELLING = 16;

/**
 * What a server says of an error (Kuma: `/std-errors`, older ones `/error`; Konnect: `application/problem+json`), for the
 * end of a sentence. Only titles and reasons of fields, and nothing where they repeat what is secret: tokens, and values of
 * what was sent.
 */
export function wordsOf(body: string, secrets: readonly string[]): string {
  const document = objectIn(parseJson(body));
  if (!document) return "";
  const fields = [
    ...objectsIn(document.invalid_parameters).map(({ field, reason }) => [field, reason]),
    ...objectsIn(document.causes).map(({ field, message }) => [field, message]),
  ].map((parts) => parts.filter(isText).join(": "));
  const words = [document.title, document.detail ?? document.details, ...new Set(fields)].filter(isText);
  const text = [...new Set(words)].join("; ").slice(0, LONGEST);
  if (text === "") return "";
  return repeats(text, secrets)
    ? " (its words are not shown, as they repeat what was sent)"
    : ` (${oneLine(text)})`;
}

/** A refusal without the faults of the address that a document was sent to; undefined where it has no other. */
export function withoutPlace(body: string): string | undefined {
  const document = objectIn(parseJson(body)) ?? {};
  const faults = objectsIn(document.invalid_parameters);
  if (faults.length === 0) return body;
  const others = faults.filter(({ reason }) => !String(reason).includes(" from the URL has to be "));
  if (others.length === 0) return undefined;
  const reasons = others.map(({ field, reason }) => [field, reason].filter(isText).join(": "));
  return JSON.stringify({ title: document.title, detail: reasons.join("; ") });
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** Whether a text holds one of these, or a telling part of it, in clear or decoded. */
export function repeats(text: string, secrets: readonly string[]): boolean {
  return secrets
    .flatMap((secret) => [secret, Buffer.from(secret, "base64").toString("latin1")])
    .filter((secret) => secret.length >= 6)
    .some((secret) => {
      if (secret.length <= TELLING) return text.includes(secret);
      for (let at = 0; at + TELLING <= text.length; at++)
        if (secret.includes(text.slice(at, at + TELLING))) return true;
      return false;
    });
}

/** Fields whose values are never shown, as a resource that is no Secret may hold a key or a password in place. */
export const MAY_BE_SECRET =
  /inline|secret|password|passwd|token|key|credential|auth|cert|header|cookie|data|value|url|env|patch|template/i;

/** Texts of a document that may be secret. */
export function secretsIn(document: unknown, path = ""): string[] {
  if (typeof document === "string") return MAY_BE_SECRET.test(path) ? [document] : [];
  if (document === null || typeof document !== "object") return [];
  return Object.entries(document).flatMap(([field, value]) => secretsIn(value, `${path}.${field}`));
}
