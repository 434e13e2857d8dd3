import { KumaError, isKumaError } from "../../../kuma";
import { valueAt } from "../../../kuma/api/json";
import { Host, output } from "../hosts/host";
import { readFile, remove, writeFile } from "../hosts/files";
import type { Configuration } from "./look/configuration";
import type { HostedApi } from "./look/openUnit";
import { directoryOf } from "./places";
import type { Unit } from "./look/readUnit";

const CERTIFICATE = "KUMA_DP_SERVER_TLS_CERT_FILE";
const KEY = "KUMA_DP_SERVER_TLS_KEY_FILE";
const OPEN_MS = 30_000;

/**
 * What `ProxyGate` is on this machine: the control plane finds a named pipe in place of the private key of its data plane
 * server, and opens that server's port once the key was written to it.
 */
export class UnitGate {
  private readonly pipe: string;
  /** Tells where the key is. */
  private readonly note: string;

  constructor(
    private readonly host: Host,
    private readonly unit: string,
  ) {
    this.pipe = `${directoryOf(unit)}/dp-server.key`;
    this.note = `${directoryOf(unit)}/dp-server.json`;
  }

  /** Its files, to be removed when the zone has left. */
  static readonly FILES = ["dp-server.key", "dp-server.json"];

  /** Without what the gate adds to them. */
  without(variables: Record<string, string>): Record<string, string> {
    if (variables[KEY] !== this.pipe) return variables;
    const { [KEY]: _key, [CERTIFICATE]: _certificate, ...others } = variables;
    return others;
  }

  async isClosed(): Promise<boolean> {
    return (await this.host.run(["test", "-p", this.pipe], { asRoot: true })).status === 0;
  }

  /**
   * To be called before the start, while the control plane still runs; gives the variables to start it with. None where it
   * does not tell which key it has.
   */
  async close(zone: HostedApi, { user }: Unit, { dpServer }: Configuration): Promise<Record<string, string>> {
    const served = (await servedBy(zone, dpServer)) ?? (await this.served());
    if (served === undefined) return {};
    await writeFile(this.host, this.note, JSON.stringify(served));
    const script = 'rm -f -- "$1" && mkfifo -m 600 -- "$1" && chown -- "$2" "$1"';
    await output(this.host, ["sh", "-c", script, "sh", this.pipe, user], "make a named pipe", {
      asRoot: true,
      changes: true,
    });
    return { [CERTIFICATE]: served.certificate, [KEY]: this.pipe };
  }

  /** Hands the key over. The pipe becomes the key itself before, as it is read twice (net/http, ServeTLS). */
  async open(): Promise<void> {
    const served = await this.served();
    if (served === undefined) return;
    const script = `
[ -p "$1" ] || exit 0
exec 3> "$1"
ln -sfT -- "$2" "$1.new" && mv -fT -- "$1.new" "$1"
cat -- "$2" >&3`;
    const seconds = String(OPEN_MS / 1000);
    const ran = await this.host.run(["timeout", seconds, "sh", "-c", script, "sh", this.pipe, served.key], {
      asRoot: true,
      changes: true,
      timeoutMs: OPEN_MS * 2,
    });
    if (ran.status === 0) return;
    throw new KumaError(
      "unreachable",
      `${this.unit} on ${this.host.title} does not take the key of its data plane server, so data plane proxies were not let in. ` +
        `"journalctl -u ${this.unit}" there tells why. Run it again.`,
    );
  }

  forget(): Promise<void> {
    return remove(this.host, [this.pipe, this.note]);
  }

  private async served(): Promise<Served | undefined> {
    const text = await readFile(this.host, this.note);
    return text === undefined ? undefined : (JSON.parse(text) as Served);
  }
}

interface Served {
  certificate: string;
  key: string;
}

/** Its own, or that of all servers: what it says of this server itself may name the pipe. */
async function servedBy(zone: HostedApi, own: Configuration["dpServer"]): Promise<Served | undefined> {
  try {
    const config = await zone.getJson("/config", "its configuration");
    const certificate = own.certificate || valueAt(config, "general", "tlsCertFile");
    const key = own.key || valueAt(config, "general", "tlsKeyFile");
    const arePaths = [certificate, key].every((path) => typeof path === "string" && path.startsWith("/"));
    return arePaths ? { certificate: String(certificate), key: String(key) } : undefined;
  } catch (error) {
    // one that does not run has no proxies connected either
    if (isKumaError(error)) return undefined;
    throw error;
  }
}
