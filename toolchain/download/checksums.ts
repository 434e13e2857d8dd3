import { ToolchainError } from "../errors";

/** A digest that a file must have. */
export interface Checksum {
  readonly algorithm: "sha256" | "sha512";
  /** Lower-case hexadecimal. */
  readonly hex: string;
}

/**
 * Reads a digest in hexadecimal; its length tells the algorithm.
 *
 * @throws ToolchainError when the text is neither a SHA-256 nor a SHA-512 digest.
 */
export function parseChecksum(text: string): Checksum {
  const hex = text.trim().toLowerCase();
  if (!/^[0-9a-f]+$/.test(hex) || (hex.length !== 64 && hex.length !== 128)) {
    throw new ToolchainError(
      `"${text.trim().slice(0, 20)}" is not a SHA-256 or SHA-512 digest in hexadecimal`,
    );
  }
  return { algorithm: hex.length === 64 ? "sha256" : "sha512", hex };
}

/**
 * Finds a file's digest in a published checksums file: lines of `<digest>  <name>`, as `sha256sum` writes
 * them (with ` *` before the name of a file read as binary).
 *
 * @throws ToolchainError when the file is not listed.
 */
export function checksumFor(fileName: string, checksumsFile: string): Checksum {
  for (const line of checksumsFile.split(/\r?\n/)) {
    const match = /^([0-9a-fA-F]+) [ *](?:\.\/)?(.+)$/.exec(line);
    if (match && match[2].trim() === fileName) {
      return parseChecksum(match[1]);
    }
  }
  throw new ToolchainError(`the published checksums do not list ${fileName}`);
}
