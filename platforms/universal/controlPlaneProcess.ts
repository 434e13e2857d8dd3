import { ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { ControlPlane, KumaError, isKumaError } from "../../kuma";
import type { HttpOptions } from "../../kuma/api/http/transport";
import { plainEnvironment } from "../../toolchain/process/environment";
import { assertTrusted } from "../../toolchain/trustedPath";
import { adminSettings, adminTokenOf } from "./adminAccess";
import { portVariables } from "./environment";
import { readIfThere, writeOwn } from "./files";
import { restoreKumaCp } from "../../toolchain/kumaCp/kumaControlPlane";
import { goesOn, isStopped, markOf, markedProcess, processIn } from "../../toolchain/process/processId";
import { Ports, assertPortsFree, portsFrom } from "./ports";
import { ProxyGate } from "./proxyGate";
import { PostgresStore, migrate, passwordEnvironment } from "./postgresStore";
import { until } from "../../kuma/until";

/** How a control plane on this machine is run; kept in its directory, so that it can be run again the same way. */
export interface ProcessSettings {
  /** How messages call it, for example "zone-1". */
  title: string;
  /** Program and its first arguments; `run` follows. */
  command: string[];
  portBase: number;
  /** KUMA_ variables beside the ports and the work directory. They are written to disk: no secrets. */
  environment: Record<string, string>;
  /** The setting of the stack that moves the ports, for messages. */
  portSetting: string;
  /** The databases of a zone on Postgres; the variables above name the one that is in use. */
  postgres?: PostgresStore;
}

const SETTINGS = "settings.json";
const PID = "pid";
/** There from the moment in which the process is told to end, until it is gone and what follows is written down. */
const STOPPING = "stopping.json";

interface Stopping {
  /** What the file with the process id holds. */
  pid: string;
  /** The settings with which it is to be started again. */
  next?: ProcessSettings;
}

/** What proxies know a control plane by. */
const IDENTITY = ["kuma-cp.crt", "kuma-cp.key"];

const READY_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 15_000;

/**
 * A `kuma-cp run` on this machine, real or stand-in, that lives on when the program that started it ends. Everything
 * about it lies in one directory, readable by its owner only: settings, process id, log, certificates and the control
 * plane's own work directory.
 */
export class ControlPlaneProcess {
  readonly directory: string;
  private readonly gate: ProxyGate;

  constructor(directory: string) {
    this.directory = path.resolve(directory);
    this.gate = new ProxyGate(this.directory);
  }

  /**
   * The settings that it runs with, or with which it is to be started when it does not run: also where a run was killed
   * between the end of one and the start of the next. Undefined when there is none here.
   */
  settings(): ProcessSettings | undefined {
    const text = readIfThere(this.file(SETTINGS));
    return this.stopping()?.next ?? (text === undefined ? undefined : (JSON.parse(text) as ProcessSettings));
  }

  get ports(): Ports {
    return portsFrom(this.settings()?.portBase ?? 5600);
  }

  get apiUrl(): string {
    return `http://127.0.0.1:${this.ports.api}`;
  }

  /** Its API, for this program as its admin. It is to be closed again. */
  open(title: string, http: HttpOptions = {}): ControlPlane {
    const token = adminTokenOf(this);
    return new ControlPlane({ title, url: this.apiUrl, ...(token && { tokens: [token] }), ...http });
  }

  /** One that is run beside this one for a while; its files lie below those of this one. */
  beside(): ControlPlaneProcess {
    return new ControlPlaneProcess(this.file("next"));
  }

  file(name: string): string {
    return path.join(this.directory, name);
  }

  /** Writes a file next to the process, readable by the owner only, and returns its path. */
  writeFile(name: string, content: string): string {
    const file = this.file(name);
    writeOwn(file, content);
    return file;
  }

  /** One that was told to end does not count, also when the run that told it so was killed. */
  isRunning(): boolean {
    return this.pid() !== undefined && this.stopping() === undefined;
  }

  /** Whether what it held went with its process: it has ended, and its store is in memory. */
  hasLostStore(): boolean {
    return !this.isRunning() && this.settings()?.environment.KUMA_STORE_TYPE === "memory";
  }

  runsWith(settings: ProcessSettings): boolean {
    return this.isRunning() && JSON.stringify(settings) === JSON.stringify(this.settings());
  }

  /** Whether data plane proxies are held back until `admitProxies`. */
  get holdsProxies(): boolean {
    return this.gate.isClosed();
  }

  /**
   * Starts the control plane and waits until its API answers. Does nothing when it runs with the same settings, unless it
   * is to be started `anew`. With `holdProxies` no data plane proxy meets it before `admitProxies`.
   */
  async start(settings: ProcessSettings, { holdProxies = false, anew = false } = {}): Promise<void> {
    if (!anew && this.runsWith(settings)) return this.waitUntilReady(settings);
    const { title, command, portBase, portSetting, postgres } = settings;
    fs.mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    // what is run next may stand in a file there
    assertTrusted(this.directory, `The directory of ${title}`);
    const work = this.file("work");
    const admin = adminSettings(this);
    const env = {
      ...inheritedEnvironment(),
      ...portVariables(portsFrom(portBase)),
      KUMA_GENERAL_WORK_DIR: work,
      // outlives the run that starts it, and with it that run's temporary directory
      TMPDIR: work,
      ...settings.environment,
      ...admin.environment,
      ...(postgres && passwordEnvironment(postgres, title)),
    };
    // before the one that runs is stopped: without its program or its database it could not be started again
    await restoreKumaCp(command[0], { env: process.env, log: (line) => console.error(line) });
    if (postgres) await migrate(command, env, title);
    await this.end(settings);
    await assertPortsFree(portsFrom(portBase), title, portSetting);
    this.writeFile(SETTINGS, JSON.stringify(settings));
    this.forgetProcess();
    fs.mkdirSync(work, { recursive: true, mode: 0o700 });
    if (holdProxies) Object.assign(env, this.gate.close());
    else this.gate.forget();
    const log = fs.openSync(this.file("kuma-cp.log"), "a", 0o600);
    const [program, ...args] = command;
    const child = spawn(program, [...args, "run", ...admin.args], {
      cwd: work,
      detached: true,
      stdio: ["ignore", log, log],
      env,
    });
    fs.closeSync(log);
    const failed = earlyEnd(child);
    if (child.pid !== undefined) this.writeFile(PID, markOf(child.pid));
    child.unref();
    await this.waitUntilReady(settings, failed);
  }

  /** Stops the control plane and waits until it is gone. */
  async stop(): Promise<void> {
    await this.end();
    this.forgetProcess();
  }

  /**
   * Holds it as it is, as a machine that hangs: it keeps what it has, and answers nobody. Gives whether there is one to hold, once
   * all of it stands still.
   */
  async freeze(): Promise<boolean> {
    const pid = this.isRunning() ? this.pid() : undefined;
    if (pid === undefined) return false;
    signal(pid, "SIGSTOP");
    const standsStill = () => isStopped(pid);
    await until(standsStill, { deadlineMs: STOP_DEADLINE_MS, everyMs: 10, isThere: Boolean });
    return true;
  }

  /** Has it go on where it was held; does nothing to one that runs, or is gone. */
  thaw(): void {
    const pid = this.pid();
    if (pid !== undefined) signal(pid, "SIGCONT");
  }

  /** Lets data plane proxies in, where they are held back. */
  async admitProxies(): Promise<void> {
    const title = this.settings()?.title ?? path.basename(this.directory);
    const goesOnNow = () => {
      const pid = this.pid();
      return this.isRunning() && (pid === undefined || goesOn(pid));
    };
    if (!(await this.gate.open(goesOnNow))) {
      throw new KumaError(
        "unreachable",
        `${title} does not run any more, so data plane proxies were not let in. Its log, ${this.file("kuma-cp.log")}, tells why.`,
      );
    }
  }

  /** Stops the control plane and removes its directory. */
  async remove(): Promise<void> {
    await this.stop();
    fs.rmSync(this.directory, { recursive: true, force: true });
  }

  /** As `remove`, at once and without waiting for anything: as this process ends. */
  removeNow(): void {
    const pid = this.pid();
    if (pid !== undefined) signal(pid, "SIGKILL");
    // it may be at a last write
    fs.rmSync(this.directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  }

  /**
   * Empties the control plane's work directory, and with it a store that is kept in a file. What data plane proxies know it
   * by stays. Only while it is stopped.
   */
  clearWork(): void {
    const work = this.file("work");
    if (!fs.existsSync(work)) return;
    for (const name of fs.readdirSync(work).filter((each) => !IDENTITY.includes(each)))
      fs.rmSync(path.join(work, name), { recursive: true, force: true });
  }

  private async end(next?: ProcessSettings): Promise<void> {
    const pid = this.pid();
    if (pid === undefined) return;
    const stopping: Stopping = { pid: readIfThere(this.file(PID)) ?? "", next };
    this.writeFile(STOPPING, JSON.stringify(stopping));
    // one that holds proxies back waits for its key, and for nothing else
    signal(pid, this.holdsProxies ? "SIGKILL" : "SIGTERM");
    const isGone = () => this.pid() === undefined;
    if (await until(isGone, { deadlineMs: STOP_DEADLINE_MS, everyMs: 50, isThere: Boolean })) return;
    signal(pid, "SIGKILL");
    await until(isGone, { deadlineMs: Infinity, everyMs: 50, isThere: Boolean });
  }

  private forgetProcess(): void {
    for (const name of [STOPPING, PID]) fs.rmSync(this.file(name), { force: true });
  }

  private stopping(): Stopping | undefined {
    const text = readIfThere(this.file(STOPPING));
    const stopping = text === undefined ? undefined : (JSON.parse(text) as Stopping);
    return stopping?.pid === readIfThere(this.file(PID)) ? stopping : undefined;
  }

  /** The process id, when the process is still the one that was started (ids are used again). */
  private pid(): number | undefined {
    const mark = readIfThere(this.file(PID));
    if (mark !== undefined) return markedProcess(mark);
    // a run that was killed between the start of the process and that file leaves one that holds its ports
    const work = this.file("work");
    const unnoted = processIn(work, `KUMA_GENERAL_WORK_DIR=${work}`, "run");
    if (unnoted !== undefined) this.writeFile(PID, markOf(unnoted));
    return unnoted;
  }

  private async waitUntilReady(settings: ProcessSettings, failed?: () => string | undefined): Promise<void> {
    const api = this.open(settings.title, { attempts: 1, requestTimeoutMs: 2_000 });
    const look = async () => ({ isReady: await this.isReady(api), failed: failed?.() });
    try {
      const { isReady, failed: reason = `did not answer within ${READY_DEADLINE_MS / 1000} s` } = await until(
        look,
        {
          deadlineMs: READY_DEADLINE_MS,
          everyMs: 100,
          isThere: (seen) => seen.isReady || seen.failed !== undefined,
        },
      );
      if (isReady) return;
      await this.stop();
      throw new KumaError(
        "unreachable",
        `${settings.title} ${reason}. Its log, ${this.file("kuma-cp.log")}, tells why.`,
      );
    } finally {
      api.close();
    }
  }

  /**
   * Whether the API answers and the control plane has made its own secrets, the admin token last: one that is written
   * before would meet those that come from a zone.
   */
  private async isReady(api: ControlPlane): Promise<boolean> {
    try {
      await api.info();
      await api.getJson("/globalsecrets/admin-user-token", "its admin token");
      return true;
    } catch (error) {
      if (!(error instanceof KumaError)) throw error;
      if (isKumaError(error, "unauthenticated") && adminTokenOf(this) !== undefined) {
        await this.stop();
        throw new KumaError(
          "unauthenticated",
          `${api.title} does not accept the token that this program made for it, so it was stopped. ` +
            `Use a kuma-cp from 2.2 on: earlier ones know no public keys for tokens.`,
        );
      }
      // one that shows its secrets to nobody without a token is up as well
      return isKumaError(error, "unauthenticated", "forbidden");
    }
  }
}

/** What a control plane may see of the environment: no KUMA_ variable of the user's, and none of Pulumi's secrets. */
function inheritedEnvironment(): NodeJS.ProcessEnv {
  const forTests = Object.entries(process.env).filter(([name]) => name.startsWith("STAND_IN_"));
  return { ...plainEnvironment(process.env), ...Object.fromEntries(forTests) };
}

function signal(pid: number, name: "SIGTERM" | "SIGKILL" | "SIGSTOP" | "SIGCONT"): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // it has ended meanwhile
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function earlyEnd(child: ChildProcess): () => string | undefined {
  let reason: string | undefined;
  child.once("error", (error) => (reason = `could not be started: ${error.message}`));
  child.once("exit", (code, signal) => (reason = `ended at once (${signal ?? `exit status ${code}`})`));
  return () => reason;
}
