import { createSign, generateKeyPairSync } from "node:crypto";
import type { Resource } from "../../kuma";

/** As those of the stand-in, which is sent some of them: test/support/run/testRun.ts. */
const KEY_BITS = Number(process.env.STAND_IN_RSA_BITS);

/** The PEM of a key that a control plane signs user tokens with. */
export const newKey = () =>
  generateKeyPairSync("rsa", { modulusLength: KEY_BITS })
    .privateKey.export({ format: "pem", type: "pkcs1" })
    .toString();

/** A global secret that holds a text. */
export const secret = (name: string, text: string): Resource => ({
  ...{ type: "GlobalSecret", name },
  data: Buffer.from(text).toString("base64"),
});
/** In seconds, asked for anew each time: a whole run loads this file long before it comes to its tests. */
export const now = () => Math.floor(Date.now() / 1000);

/** An admin's token of Kuma, signed with a key of this id. */
export function tokenOf(pem: string, kid: string, claims: object = {}): string {
  const all = { Name: "mesh-system:admin", jti: "id-1", nbf: now() - 60, exp: now() + 600, ...claims };
  const parts = [{ alg: "RS256", kid, typ: "JWT" }, all];
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${text}.${createSign("RSA-SHA256").update(text).sign(pem, "base64url")}`;
}
