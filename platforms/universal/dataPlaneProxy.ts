import { ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as yaml from "js-yaml";
import { PACKAGE_ROOT } from "../../toolchain/packageRoot";

/** Programs of the data plane: the variables `KUMA_DP` and `ENVOY` name them, else they are on PATH. */
export function findDataPlane(): { kumaDp: string; envoy: string } | undefined {
  const kumaDp = find("KUMA_DP", "kuma-dp");
  const envoy = find("ENVOY", "envoy");
  return kumaDp && envoy ? { kumaDp, envoy } : undefined;
}

function find(variable: string, name: string): string | undefined {
  const named = process.env[variable];
  const onPath = (process.env.PATH ?? "").split(path.delimiter).map((each) => path.join(each, name));
  return (named ? [named] : onPath).find((file) => fs.existsSync(file));
}

/** The ports of one proxy on this machine, from a base: there is one network for all of them here. */
export function proxyPorts(base: number) {
  return { admin: base, readiness: base + 1, http: base + 2, tcp: base + 3 };
}

export interface ProxyArgs {
  programs: { kumaDp: string; envoy: string };
  /** The data plane server of the zone's control plane, and its certificate. */
  controlPlane: { port: number; caFile: string };
  token: string;
  base: number;
  /** Its resource: a Dataplane of the mesh "default", where it does not say otherwise. A zone proxy is run as one. */
  dataplane: { name: string; networking: object; type?: keyof typeof ZONE_PROXIES; mesh?: string };
  /** Ends, at once, with the process that has started it, however that ends. */
  isGuarded?: boolean;
}

/** Zone proxies, by the type of their resource: as `kuma-dp` calls them. */
export const ZONE_PROXIES = { ZoneIngress: "ingress", ZoneEgress: "egress" } as const;

const GUARD = path.join(PACKAGE_ROOT, "toolchain", "childGuard.js");

/** A data plane proxy: a `kuma-dp run`, and the Envoy that it starts. */
export class Proxy {
  private readonly directory: string;
  private child: ChildProcess | undefined;

  constructor(private readonly args: ProxyArgs) {
    // short: the names of the sockets in it have to fit into 108 characters
    this.directory = fs.mkdtempSync(path.join(os.tmpdir(), "dp-"));
  }

  get log(): string {
    return path.join(this.directory, "log");
  }

  start(): void {
    const { programs, controlPlane, token, base, dataplane, isGuarded = false } = this.args;
    const { admin, readiness } = proxyPorts(base);
    const networking = { address: "127.0.0.1", admin: { port: admin }, ...dataplane.networking };
    const zoneProxy = dataplane.type && ZONE_PROXIES[dataplane.type];
    const resource = {
      ...(zoneProxy ? {} : { type: "Dataplane", mesh: "default" }),
      ...dataplane,
      networking,
    };
    const file = (name: string, content: string) => {
      fs.writeFileSync(path.join(this.directory, name), content, { mode: 0o600 });
      return path.join(this.directory, name);
    };
    const log = fs.openSync(this.log, "a", 0o600);
    const [program, ...first] = [...(isGuarded ? [process.execPath, GUARD] : []), programs.kumaDp];
    this.child = spawn(
      program,
      [
        ...first,
        "run",
        `--cp-address=https://127.0.0.1:${controlPlane.port}`,
        `--ca-cert-file=${controlPlane.caFile}`,
        `--dataplane-file=${file("dataplane.yaml", yaml.dump(resource))}`,
        `--dataplane-token-file=${file("token", token)}`,
        `--binary-path=${programs.envoy}`,
        `--work-dir=${this.directory}`,
        ...(zoneProxy ? [`--proxy-type=${zoneProxy}`] : []),
        "--concurrency=1",
        "--drain-time=1s",
        "--dns-enabled=false",
      ],
      {
        stdio: [isGuarded ? "pipe" : "ignore", log, log],
        env: {
          PATH: process.env.PATH,
          HOME: process.env.HOME,
          KUMA_READINESS_PORT: String(readiness),
          KUMA_APPLICATION_PROBE_PROXY_PORT: "0",
        },
      },
    );
    fs.closeSync(log);
  }

  /**
   * Whether Envoy has all that it needs from the control plane, as it says itself (`LIVE`): at its admin port, or, where that is a
   * socket, through kuma-dp's readiness port (Kuma v2.14.3, app/kuma-dp/pkg/dataplane/readiness/component.go).
   */
  async isReady(): Promise<boolean> {
    const { admin, readiness } = proxyPorts(this.args.base);
    const isLive = async (port: number) => {
      try {
        const answer = await fetch(`http://127.0.0.1:${port}/ready`, { signal: AbortSignal.timeout(2_000) });
        return answer.ok && (await answer.text()).startsWith("LIVE");
      } catch {
        return false;
      }
    };
    return (await Promise.all([admin, readiness].map(isLive))).some(Boolean);
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 30_000);
    await ended;
    clearTimeout(timer);
  }

  async remove(): Promise<void> {
    await this.stop();
    fs.rmSync(this.directory, { recursive: true, force: true });
  }
}
