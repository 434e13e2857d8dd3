import * as assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { certificatesIn, endOfToken } from "../../../kuma";
import { certificateUntil } from "../../support/endingCertificate";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const PRIVATE_KEY = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
  type: "pkcs8",
  format: "pem",
}) as string;
const token = (payload: unknown) => `h.${Buffer.from(JSON.stringify(payload)).toString("base64url")}.s`;

describe("kuma/multizone/ends", () => {
  it("finds the certificates among secrets, and tells names and ends alone", async () => {
    const pem = await certificateUntil(new Date("2030-01-02T03:04:05Z"));
    const secret = { type: "Secret", mesh: "default", name: "ca", data: base64(pem) };
    const chain = { ...secret, name: "key-and-ca", data: base64(`${PRIVATE_KEY}\n${pem}`) };
    const others = [
      { ...secret, name: "key", data: base64("-----BEGIN PRIVATE KEY-----") },
      {
        ...secret,
        name: "broken",
        data: base64("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"),
      },
      { ...secret, name: "empty", data: undefined },
      { ...secret, type: "MeshTimeout", name: "no-secret" },
    ];
    assert.deepEqual(
      certificatesIn([secret, ...others, chain]),
      ["ca", "key-and-ca"].map((name) => ({
        what: `certificate in Secret default/${name}`,
        zone: null,
        ends: "2030-01-02T03:04:05.000Z",
        renewed: false,
      })),
    );
  });

  it("reads when a token ends, where it says so", () => {
    assert.equal(endOfToken(token({ exp: 1893553445 })), "2030-01-02T03:04:05.000Z");
    for (const other of [
      "plain",
      "a.b",
      "a.b.c",
      token({}),
      token({ exp: "soon" }),
      token({ exp: "1893553445" }),
      token({ exp: 0 }),
      token({ exp: -1 }),
      token({ exp: 1e11 }),
      token({ exp: 1e300 }),
      token(null),
    ])
      assert.equal(endOfToken(other), undefined, other);
  });
});
