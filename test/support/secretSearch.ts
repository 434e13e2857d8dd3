import { gunzipSync } from "node:zlib";

/** A secret by the name that a test calls it, and texts of which each one betrays it. */
export interface Secret {
  what: string;
  texts: string[];
}

/**
 * What betrays a secret text: a long line of it; of a token what follows its head, which is the same in every one; of a
 * private key lines that hold no part of the public one, which stands in certificates as well.
 */
export function secretOf(what: string, content: string): Secret {
  const lines = content.split("\n").filter((line) => line.length >= 12 && !line.startsWith("-----"));
  if (lines.length === 0) throw new Error(`${what} is too short to be looked for`);
  if (lines.length === 1) return { what, texts: lines[0].split(".").slice(-2) };
  // PKCS #8: an elliptic key begins in the first line, an RSA key has the modulus in the first third
  return { what, texts: lines.length <= 4 ? lines.slice(0, 1) : lines.slice(lines.length / 2, -1) };
}

/**
 * Finds secrets in a text or in a file: as they are, in base64 wherever they begin in it, and in base64 of gzip, alone or
 * in another gzip. Gives the names of those that it finds.
 */
export function secretsIn(content: Buffer | string, secrets: readonly Secret[]): string[] {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(content);
  const found = new Set<string>();
  for (const layer of layersOf(bytes)) {
    for (const { what, texts } of secrets) {
      if (texts.flatMap(formsOf).some((form) => layer.includes(form))) found.add(what);
    }
  }
  return [...found];
}

/** Base64 takes three bytes at a time, so a text looks in three ways; what depends on its neighbours is cut off. */
function formsOf(text: string): string[] {
  const encoded = [0, 1, 2].flatMap((shift) => {
    const whole = Buffer.from("\0".repeat(shift) + text).toString("base64");
    const inner = whole.slice(shift === 0 ? 0 : 4, -4);
    return [inner, inner.replaceAll("+", "-").replaceAll("/", "_")];
  });
  return [text, ...encoded.filter((form) => form.length >= 12)];
}

const DEEPEST = 4;

function* layersOf(bytes: Buffer, depth = 0): Generator<Buffer> {
  yield bytes;
  if (depth === DEEPEST) return;
  const unpacked = gunzipped(bytes);
  if (unpacked) yield* layersOf(unpacked, depth + 1);
  // "H4sI" is how gzip begins in base64
  for (const [text] of bytes.toString("latin1").matchAll(/H4sI[A-Za-z0-9+/_-]{20,}={0,2}/g)) {
    const inner = gunzipped(Buffer.from(text, "base64"));
    if (inner) yield* layersOf(inner, depth + 1);
  }
}

function gunzipped(bytes: Buffer): Buffer | undefined {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return undefined;
  try {
    return gunzipSync(bytes);
  } catch {
    return undefined;
  }
}
