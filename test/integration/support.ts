import { ChildProcess, type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as yaml from "js-yaml";
import { ControlPlane, exportZone, manifestOf } from "../../kuma";
import { adminTokenOf } from "../../platforms/universal/adminAccess";
import { ControlPlaneProcess, ProcessSettings } from "../../platforms/universal/controlPlaneProcess";
import { ToolchainError } from "../../toolchain/errors";
import { findKumaCp } from "../../toolchain/kumaCp/kumaControlPlane";
import { freePortBase } from "../support/ports";
import { byPidFiles } from "../support/run/sweeper";

export const ROOT = path.resolve(__dirname, "../..");

/** What Node is given to run a program of this repository: compiled, where that is up to date. */
export const { argumentsFor } = require(path.join(ROOT, "toolchain/compiled.js")) as {
  argumentsFor(program: string): string[];
};

export interface Run {
  status: number | null;
  /** Both streams, as they came. */
  output: string;
  stdout: string;
}

/** Directories of the tests that run, in which the admin tokens of control planes are looked for. */
const directories = new Set<string>();

/** What opens a control plane that a stack has started; nothing for one that takes this machine for its admin. */
export function adminTokens(url: string): string[] {
  const base = Number(new URL(url).port) - 81;
  return [...directories].flatMap(filesBelow).flatMap((file) => {
    if (path.basename(file) !== "settings.json") return [];
    const { portBase } = JSON.parse(fs.readFileSync(file, "utf8")) as ProcessSettings;
    const token = adminTokenOf(new ControlPlaneProcess(path.dirname(file)));
    return portBase === base && token !== undefined ? [token] : [];
  });
}

/** `fetch` as the admin. */
export function ask(url: string, init: RequestInit = {}): Promise<Response> {
  const [token] = adminTokens(url);
  const headers = { ...init.headers, ...(token && { authorization: `Bearer ${token}` }) };
  return fetch(url, { ...init, headers });
}

/** A directory of its own for the state and the stack files of a test, and the commands run against it. */
export class Sandbox {
  readonly directory = fs.mkdtempSync(path.join(os.tmpdir(), "kuma-federation-test-"));
  readonly state = path.join(this.directory, "state");
  /** Everything that any command printed. */
  printed = "";

  constructor(readonly environment: NodeJS.ProcessEnv = {}) {
    directories.add(this.directory);
  }

  /** Writes `Pulumi.<stack>.yaml`. */
  writeStack(stack: string, config: Record<string, unknown>): void {
    const prefixed = Object.entries(config).map(([key, value]) => [`kuma-federation:${key}`, value]);
    fs.writeFileSync(
      path.join(this.directory, `Pulumi.${stack}.yaml`),
      yaml.dump({ config: Object.fromEntries(prefixed) }),
    );
  }

  /** Writes resources into a directory that a zone can begin with, and returns it. */
  writeContent(name: string, resources: object[]): string {
    const directory = path.join(this.directory, name);
    fs.mkdirSync(directory, { recursive: true });
    fs.writeFileSync(
      path.join(directory, "content.yaml"),
      resources.map((resource) => yaml.dump(resource)).join("---\n"),
    );
    return directory;
  }

  /** Starts a command as its own process group, as a shell does. */
  start(command: string, ...args: string[]): { child: ChildProcess; done: Promise<Run> } {
    return this.spawn([
      ...argumentsFor("cli/main"),
      command,
      ...args,
      // nobody is there to be asked
      ...(command === "destroy" && !args.includes("--yes") ? ["--yes"] : []),
    ]);
  }

  /** Has the zones of a stack, and a stand-in for Konnect, run as `up` starts them, and does nothing else of it. */
  async startZones(stack = "test"): Promise<void> {
    const start = `
      const { startKonnect, startZones } = require("./cli/local/controlPlanes.ts");
      const config = require("./cli/stack/file/stackFile.ts").readConfigOf(process.cwd(), ${JSON.stringify(stack)});
      startKonnect(config).then(() => startZones(config)).catch((error) => {
        console.error(error);
        process.exitCode = 1;
      });`;
    const { status, output } = await this.spawn(["--require", "./toolchain/typescript.js", "--eval", start])
      .done;
    if (status !== 0) throw new Error(output);
  }

  private variables(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      // the stand-in, unless a test asks for another one: no test downloads a release
      KUMA_CP: undefined,
      KUMA_CHECKSUMS_URL: "http://127.0.0.1:1",
      STAND_IN_CONTROL: "true",
      ...this.environment,
      KUMA_FEDERATION_STATE: this.state,
      KUMA_FEDERATION_STACKS: this.directory,
    };
  }

  private spawn(args: string[]): { child: ChildProcess; done: Promise<Run> } {
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: this.variables(),
    });
    const done = new Promise<Run>((resolve) => {
      const run = { status: null as number | null, output: "", stdout: "" };
      // a character may come in two pieces
      child.stdout?.setEncoding("utf8").on("data", (text) => {
        run.output += text;
        run.stdout += text;
      });
      child.stderr?.setEncoding("utf8").on("data", (text) => (run.output += text));
      child.on("close", (status) => {
        this.printed += run.output;
        resolve({ ...run, status });
      });
    });
    return { child, done };
  }

  run(command: string, ...args: string[]): Promise<Run> {
    return this.start(command, ...args).done;
  }

  /** `secret` of stack test, given this on its standard input. */
  secret(input: string, ...words: string[]): SpawnSyncReturns<string> {
    const args = [...argumentsFor("cli/main"), "secret", "--stack", "test", ...words];
    return spawnSync(process.execPath, args, { cwd: ROOT, input, encoding: "utf8", env: this.variables() });
  }

  /** Kills what a test left running, and removes the directory. */
  async remove(): Promise<void> {
    this.processes().forEach(kill);
    fs.rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
    directories.delete(this.directory);
  }

  /** Processes that were started from this directory, or from a part of it, and are still there. */
  processes(part = ""): number[] {
    return byPidFiles(path.join(this.directory, part));
  }
}

/**
 * Kills a command and everything that it started, at once: the engine puts its plugins into process groups of their
 * own, so the tree is followed. Control planes are spared: they are to outlive the command.
 */
export function killTree(child: ChildProcess, spared: readonly number[]): void {
  const parents = new Map<number, number>();
  for (const name of fs.readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = fs.readFileSync(`/proc/${name}/stat`, "utf8");
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // it ended meanwhile
    }
  }
  const belongs = (pid: number): boolean =>
    pid === child.pid || (parents.has(pid) && belongs(parents.get(pid) as number));
  const doomed = [...parents.keys()].filter((pid) => belongs(pid) && !spared.includes(pid));
  doomed.forEach(kill);
}

/** One that has just ended by itself is as good as killed. */
function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** A global that others run, on ports of its own, below a directory: the stand-in, or the program that is given. */
export async function startGlobal(
  directory: string,
  environment: Record<string, string> = {},
  program?: string,
): Promise<{ process: ControlPlaneProcess; url: string; config: Record<string, unknown> }> {
  const portBase = await freePortBase();
  const global = new ControlPlaneProcess(path.join(directory, "others-global"));
  // the process takes what is for the stand-in from this one's environment
  process.env.STAND_IN_CONTROL = "true";
  await global.start({
    title: "the global of others",
    command: program ? [program, "run"] : [process.execPath, path.join(ROOT, "stand-in/kuma-cp.js")],
    portBase,
    portSetting: "",
    environment: {
      KUMA_MODE: "global",
      KUMA_DEFAULTS_SKIP_MESH_CREATION: "true",
      KUMA_STORE_TYPE: "file",
      ...environment,
    },
  });
  return {
    process: global,
    url: global.apiUrl,
    config: {
      platform: "existing",
      apiUrl: global.apiUrl,
      kdsAddress: `grpcs://127.0.0.1:${portBase + 85}`,
      kdsCaFile: global.file("work/kuma-cp.crt"),
    },
  };
}

/** The real `kuma-cp` that `KUMA_CP` names or that is on PATH; undefined where there is none. Nothing is downloaded. */
export async function realKumaCp(): Promise<string | undefined> {
  try {
    const found = await findKumaCp({ choice: "path", env: process.env, log: () => {} });
    return found.command[0];
  } catch (error) {
    // one that was named is to be used
    if (process.env.KUMA_CP || !(error instanceof ToolchainError)) throw error;
    return undefined;
  }
}

/** The address that the zone dials; undefined when it runs alone. */
export async function dialled(zoneUrl: string): Promise<string | undefined> {
  const { multizone } = await getJson<{ multizone: { zone: { globalAddress?: string } } }>(
    `${zoneUrl}/config`,
  );
  return multizone.zone.globalAddress || undefined;
}

export function filesBelow(directory: string): string[] {
  if (!fs.existsSync(directory)) return [];
  return fs
    .readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/** Settings of a stack with one zone on free ports. */
export async function oneZone(zone: Record<string, unknown> = {}): Promise<{
  config: Record<string, unknown>;
  globalUrl: string;
  zoneUrl: string;
}> {
  const [globalBase, zoneBase] = [await freePortBase(), await freePortBase()];
  return {
    config: {
      global: { platform: "universal", portBase: globalBase, kumaCp: "embedded" },
      zones: [
        {
          name: "zone-1",
          platform: "universal",
          portBase: zoneBase,
          kumaCp: "embedded",
          content: path.join(ROOT, "stand-in/demo-zone"),
          ...zone,
        },
      ],
    },
    globalUrl: `http://127.0.0.1:${globalBase + 81}`,
    zoneUrl: `http://127.0.0.1:${zoneBase + 81}`,
  };
}

export interface Requests {
  reads: number;
  writes: number;
  /** Counts by method and path. */
  byPath: Record<string, number>;
}

/** What a stand-in was asked so far. */
export async function requestsOf(url: string): Promise<Requests> {
  return (await (await fetch(`${url}/stand-in/requests`)).json()) as Requests;
}

export async function setFaults(url: string, faults: object): Promise<void> {
  await fetch(`${url}/stand-in/faults`, { method: "PUT", body: JSON.stringify(faults) });
}

export async function clearFaults(url: string): Promise<void> {
  await fetch(`${url}/stand-in/faults`, { method: "DELETE" });
}

export async function getJson<T>(url: string): Promise<T> {
  return (await (await ask(url)).json()) as T;
}

export async function put(url: string, body: object): Promise<number> {
  const headers = { "content-type": "application/json" };
  return (await ask(url, { method: "PUT", headers, body: JSON.stringify(body) })).status;
}

/** What the zone holds, by digest: what it would hand over (a mesh with its authority), and what it owns. */
export async function contentOf(url: string): Promise<object> {
  const zone = new ControlPlane({ title: "the zone", url, tokens: adminTokens(url) });
  const { originals, kept } = await exportZone(zone);
  zone.close();
  return { originals: manifestOf(originals), kept: manifestOf(kept) };
}
