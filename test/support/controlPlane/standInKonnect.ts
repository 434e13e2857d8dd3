import * as fs from "node:fs";
import * as path from "node:path";
import { Konnect, konnectAddresses } from "../../../kuma";
import { loadConfig } from "../../../stand-in/config";
import { KonnectStandIn } from "../../../stand-in/konnect/konnect";
import { later, tempDir } from "../cleanUp";
import { freePortBase } from "../ports";

export interface RunningKonnect {
  addresses: ReturnType<typeof konnectAddresses>;
  /** Where zones connect, on loopback. */
  kdsPort: number;
  /** With the certificate that they are shown. */
  caFile: string;
  /** Of the user who may do everything. */
  token: string;
  /** A client with this token, by default that of the user who may do everything. */
  client(token?: string): Konnect;
  /** A token of a user with these roles on every mesh control plane. */
  tokenWith(roles: string[], options?: { identityAdmin?: boolean; expiresAt?: string }): Promise<string>;
  setLimits(id: string, limits: object): Promise<void>;
  setFaults(faults: object): Promise<void>;
  /** `METHOD path` of each request so far, with how often. */
  asked(): Promise<Record<string, number>>;
}

/** The stand-in for Konnect's region eu, in this process; stopped by `cleanUp`. */
export async function startKonnect(): Promise<RunningKonnect> {
  const base = await freePortBase();
  const workDir = path.join(tempDir(), "konnect");
  const config = loadConfig({
    KUMA_MODE: "global",
    KUMA_GENERAL_WORK_DIR: workDir,
    KUMA_API_SERVER_HTTP_PORT: String(base + 81),
    KUMA_MULTIZONE_GLOBAL_KDS_GRPC_PORT: String(base + 85),
    STAND_IN_CONTROL: "true",
  });
  const konnect = new KonnectStandIn(config, "eu");
  await konnect.start();
  later(() => konnect.stop());
  const url = `http://127.0.0.1:${base + 81}`;
  const addresses = konnectAddresses("eu", { apiUrl: url, identityUrl: url });
  const token = fs.readFileSync(path.join(workDir, "token"), "utf8");
  const control = async (method: string, what: string, body?: object) =>
    (await fetch(`${url}/stand-in/${what}`, { method, body: body && JSON.stringify(body) })).json();
  return {
    addresses,
    token,
    kdsPort: base + 85,
    caFile: path.join(workDir, "konnect.crt"),
    client(own = token) {
      const made = new Konnect({ ...addresses, region: "eu", token: own, attempts: 3 });
      later(() => made.close());
      return made;
    },
    async tokenWith(roles, { identityAdmin = false, expiresAt = "2999-01-01T00:00:00Z" } = {}) {
      const made = await control("POST", "tokens", { roles, identityAdmin, expiresAt });
      return (made as { token: string }).token;
    },
    setLimits: async (id, limits) => void (await control("PUT", "limits", { id, ...limits })),
    setFaults: async (faults) => void (await control("PUT", "faults", faults)),
    asked: async () => ((await control("GET", "requests")) as { byPath: Record<string, number> }).byPath,
  };
}
