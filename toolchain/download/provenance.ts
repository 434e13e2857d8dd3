import { type Checksum, parseChecksum } from "./checksums";
import { ToolchainError } from "../errors";

/** As much as is read of a DSSE envelope, by itself or in a Sigstore bundle. */
interface Envelope {
  readonly payload?: unknown;
  readonly dsseEnvelope?: { readonly payload?: unknown };
}

/** As much as is read of an in-toto statement. */
interface Statement {
  readonly subject?: readonly { readonly name?: unknown; readonly digest?: { readonly sha256?: unknown } }[];
}

/**
 * Finds a file's SHA-256 digest in SLSA provenance (`*.intoto.jsonl`): a signed envelope in each line, which holds a
 * statement about files by their names. The signature is not verified; who reads it relies on where it comes from.
 *
 * @throws ToolchainError when the text is no provenance, or tells nothing of the file.
 */
export function checksumInProvenance(fileName: string, provenance: string): Checksum {
  for (const line of provenance.split("\n").filter((text) => text.trim() !== "")) {
    const subjects = statementIn(line)?.subject;
    if (!Array.isArray(subjects)) throw new ToolchainError("what is published as provenance is none");
    const sha256 = (subjects as Statement["subject"])?.find((subject) => subject?.name === fileName)?.digest
      ?.sha256;
    if (sha256 === undefined) continue;
    if (typeof sha256 !== "string" || !/^[0-9a-fA-F]{64}$/.test(sha256)) {
      throw new ToolchainError(`the published provenance holds no SHA-256 digest for ${fileName}`);
    }
    return parseChecksum(sha256);
  }
  throw new ToolchainError(`the published provenance does not list ${fileName}`);
}

function statementIn(line: string): Statement | undefined {
  try {
    const envelope = JSON.parse(line) as Envelope | null;
    const payload = envelope?.payload ?? envelope?.dsseEnvelope?.payload;
    if (typeof payload !== "string") return undefined;
    return (JSON.parse(Buffer.from(payload, "base64").toString("utf8")) as Statement | null) ?? undefined;
  } catch {
    // not JSON
    return undefined;
  }
}
