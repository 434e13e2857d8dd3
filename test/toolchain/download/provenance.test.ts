import assert from "node:assert/strict";
import { checksumInProvenance } from "../../../toolchain/download/provenance";
import { digest } from "../support";

const HEX = digest("kuma");
const payloadOf = (statement: unknown) => Buffer.from(JSON.stringify(statement)).toString("base64");
const envelope = (statement: unknown) => JSON.stringify({ payload: payloadOf(statement) });
const listing = (name: string, sha256: unknown = HEX) =>
  envelope({ subject: [{ name, digest: { sha256 } }] });

describe("toolchain: provenance", () => {
  const expected = { algorithm: "sha256", hex: HEX };

  it("gives the digest of a file, from whichever line has it", () => {
    const text = `${listing("other")}\n${listing("file")}\n\n`;
    assert.deepEqual(checksumInProvenance("file", text), expected);
  });

  it("reads an envelope in a Sigstore bundle", () => {
    const bundle = {
      dsseEnvelope: { payload: payloadOf({ subject: [{ name: "file", digest: { sha256: HEX } }] }) },
    };
    assert.deepEqual(checksumInProvenance("file", JSON.stringify(bundle)), expected);
  });

  it("says that a file is not listed", () => {
    for (const text of ["", listing("other"), envelope({ subject: [] }), envelope({ subject: [null, {}] })]) {
      assert.throws(() => checksumInProvenance("file", text), {
        name: "ToolchainError",
        message: "the published provenance does not list file",
      });
    }
  });

  it("refuses what is no digest", () => {
    for (const sha256 of ["", "abc", 7, {}, digest("kuma", "sha512")]) {
      assert.throws(
        () => checksumInProvenance("file", listing("file", sha256)),
        /holds no SHA-256 digest for file$/,
      );
    }
  });

  it("refuses what is no provenance", () => {
    const texts = ["<html>", "null", "7", "[]", "{}", '{"payload":7}', '{"payload":"x"}'];
    for (const text of [
      ...texts,
      envelope(null),
      envelope([]),
      envelope({ subject: {} }),
      envelope("subject"),
    ]) {
      assert.throws(() => checksumInProvenance("file", text), {
        message: "what is published as provenance is none",
      });
    }
  });
});
