const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;
const MASK_64 = 0xffffffffffffffffn;

/** Letters and digits that make no words. Source: k8s.io/apimachinery v0.36 pkg/util/rand, SafeEncodeString. */
const SAFE_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
const MAX_NAME = 253;

/**
 * The name of a copy on the other side: so that equal names from several zones do not meet.
 * Source: Kuma v2.14.3 pkg/kds/hash/hash.go.
 */
export function hashedName(mesh: string, name: string, ...more: string[]): string {
  const suffix = safeEncode(fnv1a64([mesh, name, ...more].join("")));
  return `${name.slice(0, MAX_NAME - 1 - suffix.length)}-${suffix}`;
}

function fnv1a64(text: string): string {
  let hash = FNV_OFFSET;
  for (const byte of Buffer.from(text, "utf8")) {
    hash = ((hash ^ BigInt(byte)) * FNV_PRIME) & MASK_64;
  }
  return hash.toString(16).padStart(16, "0");
}

function safeEncode(text: string): string {
  return [...text].map((char) => SAFE_ALPHABET[char.charCodeAt(0) % SAFE_ALPHABET.length]).join("");
}
