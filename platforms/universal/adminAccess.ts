import { KeyObject, createSign, generateKeyPair, randomBytes, randomUUID } from "node:crypto";
import { promisify } from "node:util";
import * as yaml from "js-yaml";
import { type OwnFiles, readIfThere } from "./files";

/**
 * How this program is the admin of a control plane on this machine, without everybody with an account here being it too.
 *
 * `kuma-cp` takes whoever asks from its own machine for an admin (Kuma v2.14.3, pkg/api-server/authn/localhost.go), as
 * its own admin token could not be read otherwise. Here it gets the public half of a key in its configuration, and this
 * program a token that the other half has signed. Such a token is accepted from the first moment on, after each restart
 * and with any store, and it goes on being accepted when a zone's signing keys take the place of the control plane's own
 * (pkg/core/tokens/static_signing_key_accessor.go).
 */
const TOKEN_FILE = "admin-token";
const CONFIG_FILE = "kuma-cp.conf.yml";

/** As long as that of the token that a control plane makes for itself (pkg/plugins/authn/api-server/tokens). */
const VALID_FOR_S = 10 * 365 * 24 * 60 * 60;
const ADMIN = "mesh-system:admin";

const generate = promisify(generateKeyPair);

/** Makes key and token, where there are none yet; the control plane takes the key over when it is started the next time. */
export async function ensureAdminAccess(process: OwnFiles): Promise<void> {
  if (adminTokenOf(process) !== undefined) return;
  const { token, ...publicKey } = await makeAdmin();
  const validator = { publicKeys: [publicKey] };
  process.writeFile(CONFIG_FILE, yaml.dump({ apiServer: { authn: { tokens: { validator } } } }));
  // last, as it stands for both
  process.writeFile(TOKEN_FILE, token);
}

/** An admin of a control plane: the key for its configuration, and the token that the other half of it has signed. */
export interface Admin {
  kid: string;
  /** PEM, public. */
  key: string;
  /** Secret. */
  token: string;
}

export async function makeAdmin(): Promise<Admin> {
  // the private half is forgotten once it has signed the token
  const { publicKey, privateKey } = await generate("rsa", { modulusLength: 2048 });
  // no number: those are the serial numbers of the keys among a control plane's secrets
  const kid = `kuma-federation-${randomBytes(8).toString("hex")}`;
  const key = publicKey.export({ format: "pem", type: "spki" }).toString();
  return { kid, key, token: adminToken(kid, privateKey) };
}

/** Source of its form: Kuma v2.14.3, pkg/core/tokens/issuer.go. */
function adminToken(kid: string, key: KeyObject): string {
  // a little earlier, as those of a control plane are
  const now = Math.floor(Date.now() / 1000) - 5;
  const claims = {
    Name: ADMIN,
    Groups: [ADMIN],
    jti: randomUUID(),
    iat: now,
    nbf: now,
    exp: now + VALID_FOR_S,
  };
  const signed = [{ alg: "RS256", kid, typ: "JWT" }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${signed}.${createSign("RSA-SHA256").update(signed).sign(key, "base64url")}`;
}

/** Secret. Undefined where an earlier version of this program started it: that one takes everybody here for its admin. */
export function adminTokenOf(process: OwnFiles): string | undefined {
  return readIfThere(process.file(TOKEN_FILE));
}

/** Gives one that runs beside another one, on behalf of it, the same admin. */
export function shareAdminAccess(from: OwnFiles, to: OwnFiles): void {
  for (const name of [CONFIG_FILE, TOKEN_FILE]) {
    const content = readIfThere(from.file(name));
    if (content !== undefined) to.writeFile(name, content);
  }
}

/** With these variables who asks from the same machine needs a token like everybody else. */
export const NOBODY_ELSE = { KUMA_API_SERVER_AUTHN_LOCALHOST_IS_ADMIN: "false" };

/** What a control plane is started with in addition, so that its admin is who has the token, and nobody else. */
export function adminSettings(process: OwnFiles): {
  args: string[];
  environment: Record<string, string>;
} {
  if (adminTokenOf(process) === undefined) return { args: [], environment: {} };
  return {
    args: ["--config-file", process.file(CONFIG_FILE)],
    environment: NOBODY_ELSE,
  };
}
