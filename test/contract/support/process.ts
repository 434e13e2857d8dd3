import { execFileSync, spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { freePorts } from "../../support/ports";
import { until } from "../../support/until";

const STAND_IN = resolve(__dirname, "../../../stand-in/kuma-cp.js");

/** How to start a control plane: the real one and the stand-in take the same variables. */
export interface Kind {
  readonly name: string;
  readonly command: readonly string[];
  readonly isReal: boolean;
}

export const standIn: Kind = { name: "stand-in", command: [process.execPath, STAND_IN], isReal: false };

/** The real control plane, when the machine has one of a 2.x release: named by KUMA_CP, or on PATH. */
export function findRealControlPlane(): Kind | undefined {
  const file = findProgram("kuma-cp", process.env.KUMA_CP);
  return file !== undefined && / 2\.\d+/.test(versionOf(file))
    ? { name: "real", command: [file], isReal: true }
    : undefined;
}

/** The real kumactl 2.14, named by KUMACTL, or on PATH. */
export function findKumactl(): string | undefined {
  const file = findProgram("kumactl", process.env.KUMACTL);
  return file !== undefined && / 2\.14\./.test(versionOf(file)) ? file : undefined;
}

function findProgram(name: string, named: string | undefined): string | undefined {
  const candidates = named
    ? [named]
    : (process.env.PATH ?? "").split(delimiter).map((dir) => join(dir, name));
  return candidates.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function versionOf(file: string): string {
  try {
    return execFileSync(file, ["version"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    return "";
  }
}

/** Milliseconds that a control plane has to end by itself. */
const STOP_MS = 30_000;

export interface Options {
  mode: "zone" | "global";
  env?: Record<string, string>;
  /** Kept by the caller, for a second start; otherwise removed with the process. */
  workDir?: string;
  kdsPort?: number;
}

export interface ControlPlane {
  readonly url: string;
  readonly diagnosticsUrl: string;
  readonly kdsPort: number;
  readonly workDir: string;
  /** What it has printed so far. */
  output(): string;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

const running = new Set<(signal?: NodeJS.Signals) => Promise<void>>();
const temporaryDirs = new Set<string>();

/** A directory that `stopAll` removes. */
export function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "kuma-contract-"));
  temporaryDirs.add(dir);
  return dir;
}

/** For `after` hooks: stops whatever a suite has started, also when it failed half-way. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map((stop) => stop()));
  for (const dir of temporaryDirs) {
    rmSync(dir, { recursive: true, force: true });
  }
  temporaryDirs.clear();
}

/** Starts a control plane on ports that are free and waits until it answers. */
export async function start(kind: Kind, options: Options): Promise<ControlPlane> {
  const [api, apiTls, dp, diagnostics, freeKds, interCp, mads] = await freePorts(7);
  const kds = options.kdsPort ?? freeKds;
  const workDir = options.workDir ?? temporaryDir();
  const [program, ...args] = kind.command;
  const child = spawn(program, [...args, "run"], {
    env: {
      PATH: process.env.PATH,
      HOME: workDir,
      TMPDIR: tmpdir(),
      KUMA_ENVIRONMENT: "universal",
      KUMA_STORE_TYPE: "memory",
      KUMA_MODE: options.mode,
      KUMA_GENERAL_WORK_DIR: workDir,
      KUMA_API_SERVER_HTTP_INTERFACE: "127.0.0.1",
      KUMA_API_SERVER_HTTPS_INTERFACE: "127.0.0.1",
      KUMA_API_SERVER_HTTP_PORT: String(api),
      KUMA_API_SERVER_HTTPS_PORT: String(apiTls),
      KUMA_DP_SERVER_PORT: String(dp),
      KUMA_DIAGNOSTICS_SERVER_PORT: String(diagnostics),
      KUMA_MULTIZONE_GLOBAL_KDS_GRPC_PORT: String(kds),
      KUMA_INTER_CP_SERVER_PORT: String(interCp),
      KUMA_MONITORING_ASSIGNMENT_SERVER_PORT: String(mads),
      KUMA_REPORTS_ENABLED: "false",
      KUMA_GENERAL_RESILIENT_COMPONENT_BASE_BACKOFF: "500ms",
      // Delays that a test would otherwise sit through: each kind of control plane has its own variable.
      KUMA_MULTIZONE_GLOBAL_KDS_ZONE_INSIGHT_FLUSH_INTERVAL: "1s",
      STAND_IN_INSIGHT_DELAY: "200ms",
      ...options.env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (data: Buffer) => (output += data.toString()));
  child.stderr.on("data", (data: Buffer) => (output += data.toString()));
  const exited = new Promise<void>((done) => child.once("exit", () => done()));
  const stop = async (signal: NodeJS.Signals = "SIGTERM"): Promise<void> => {
    running.delete(stop);
    child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await exited;
    clearTimeout(timer);
  };
  running.add(stop);
  const url = `http://127.0.0.1:${api}`;
  await until(`${kind.name} control plane to answer`, async () => {
    if (child.exitCode !== null) return true;
    // Its defaults come last, and the admin token last of all.
    const response = await fetch(`${url}/global-secrets/admin-user-token`);
    return response.ok;
  });
  if (child.exitCode !== null) {
    throw new Error(
      `the ${kind.name} control plane ended with status ${child.exitCode}: ${output.slice(-2000)}`,
    );
  }
  return {
    url,
    diagnosticsUrl: `http://127.0.0.1:${diagnostics}`,
    kdsPort: kds,
    workDir,
    output: () => output,
    stop,
  };
}
