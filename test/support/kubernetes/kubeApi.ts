import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as https from "node:https";
import * as os from "node:os";
import * as path from "node:path";
import * as yaml from "js-yaml";
import { issueAuthority, issueServerCertificate } from "../../../platforms/kdsCertificate";
import { atEnd } from "../cleanUp";
import { freePorts } from "../ports";
import { until } from "../until";
import { type KubePrograms, NoKubePrograms, findKubePrograms } from "./kubePrograms";
import { type Need, declareNeed, needed } from "../run/readiness";

/** A free port may be taken by another program before the server listens on it. */
const ATTEMPTS = 3;

/** A Kubernetes API: a real kube-apiserver on a real etcd, with RBAC, and without nodes and controllers. */
export interface KubeApi {
  readonly url: string;
  /** Text of a kubeconfig with the contexts `admin` (may do everything, current) and `stranger` (no rights). */
  readonly kubeconfig: string;
  /** The end of what both programs logged. */
  log(): string;
  /** Ends both programs and removes their files. */
  stop(): Promise<void>;
}

const PROGRAMS: Need<KubePrograms> = {
  title: "Kubernetes API",
  get: findKubePrograms,
  isLacking: (error) => error instanceof NoKubePrograms,
};
declareNeed(PROGRAMS);

let shared: Promise<KubeApi> | undefined;

/**
 * The API that all test files of one process share, started at the first call; to be called in a `before` hook as
 * `await sharedKubeApi(this)`. Skips the tests, with the reason on standard error, where the programs are not to be had.
 */
export async function sharedKubeApi(context: Mocha.Context): Promise<KubeApi> {
  const programs = await needed(PROGRAMS, context);
  shared ??= startKubeApi(programs);
  atEnd(async () => {
    const api = await shared?.catch(() => undefined);
    shared = undefined;
    await api?.stop();
  });
  return shared;
}

/** Starts an API of its own, on free ports of the loopback interface. */
export async function startKubeApi(programs: KubePrograms): Promise<KubeApi> {
  for (let attempt = 1; ; attempt++) {
    const servers = new Servers();
    try {
      return await start(programs, servers);
    } catch (error) {
      const log = servers.log();
      await servers.stop();
      if (attempt < ATTEMPTS && log.includes("address already in use")) continue;
      throw new Error(`${(error as Error).message}\n${log}`, { cause: error });
    }
  }
}

async function start(programs: KubePrograms, servers: Servers): Promise<KubeApi> {
  const [etcdPort, peerPort, apiPort] = await freePorts(3);
  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  const peerUrl = `http://127.0.0.1:${peerPort}`;
  servers.start(programs.etcd, {
    "data-dir": path.join(servers.directory, "data"),
    "listen-client-urls": etcdUrl,
    "advertise-client-urls": etcdUrl,
    "listen-peer-urls": peerUrl,
    "initial-advertise-peer-urls": peerUrl,
    "initial-cluster": `default=${peerUrl}`,
    "unsafe-no-fsync": "true",
    "log-level": "warn",
  });

  const authority = await issueAuthority("the test's Kubernetes API");
  const server = await issueServerCertificate(authority, ["127.0.0.1", "localhost"]);
  const tokens = { admin: newToken(), stranger: newToken() };
  const cert = servers.write("tls.crt", server.cert);
  const key = servers.write("tls.key", server.key);
  servers.start(programs.apiServer, {
    "etcd-servers": etcdUrl,
    "bind-address": "127.0.0.1",
    "secure-port": String(apiPort),
    "tls-cert-file": cert,
    "tls-private-key-file": key,
    "service-cluster-ip-range": "10.0.0.0/24",
    // the service "kubernetes" takes no loopback address as its endpoint
    "endpoint-reconciler-type": "none",
    "authorization-mode": "RBAC",
    "token-auth-file": servers.write(
      "tokens.csv",
      `${tokens.admin},admin,admin,system:masters\n${tokens.stranger},stranger,stranger\n`,
    ),
    "service-account-issuer": `https://127.0.0.1:${apiPort}`,
    "service-account-key-file": cert,
    "service-account-signing-key-file": key,
    // there is no controller that would make each namespace's service account
    "disable-admission-plugins": "ServiceAccount",
  });

  const url = `https://127.0.0.1:${apiPort}`;
  await servers.untilReady(() => isReady(url, authority.cert, tokens.admin));
  return {
    url,
    kubeconfig: kubeconfigFor(url, authority.cert, tokens),
    log: () => servers.log(),
    stop: () => servers.stop(),
  };
}

/** The programs of one API, and the directory that holds all of their files. */
class Servers {
  readonly directory = fs.mkdtempSync(path.join(os.tmpdir(), "kuma-federation-kube-api-"));
  private readonly children: ChildProcess[] = [];

  /** Writes a file that its owner alone may read, and gives its path. */
  write(name: string, text: string): string {
    const file = path.join(this.directory, name);
    fs.writeFileSync(file, text, { mode: 0o600 });
    return file;
  }

  start(program: string, flags: Record<string, string>): void {
    const output = fs.openSync(path.join(this.directory, `${this.children.length}.log`), "a");
    const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
    const child = spawn(program, args, { cwd: this.directory, stdio: ["ignore", output, output] });
    fs.closeSync(output);
    // without a listener the error would end the test run; `untilReady` tells that the program is not there
    child.on("error", () => {});
    this.children.push(child);
  }

  async untilReady(isReady: () => Promise<boolean>): Promise<void> {
    const ended = () =>
      this.children.find(({ exitCode, signalCode, pid }) => pid === undefined || (exitCode ?? signalCode));
    await until("the Kubernetes API to be ready", async () => ended() !== undefined || (await isReady()));
    const program = ended();
    if (program) throw new Error(`${program.spawnfile} has ended.`);
  }

  log(): string {
    return this.children
      .map((_, index) => fs.readFileSync(path.join(this.directory, `${index}.log`), "utf8").slice(-3000))
      .join("\n");
  }

  /** At once: nothing of theirs is to be kept. */
  async stop(): Promise<void> {
    await Promise.all(this.children.map(kill));
    fs.rmSync(this.directory, { recursive: true, force: true });
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const closed = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGKILL");
  await closed;
}

function isReady(url: string, ca: string, token: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = https.get(`${url}/readyz`, { ca, headers: { authorization: `Bearer ${token}` } });
    request.on("response", (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on("error", () => resolve(false));
    request.setTimeout(5000, () => request.destroy());
  });
}

function kubeconfigFor(url: string, ca: string, tokens: Record<string, string>): string {
  const users = Object.entries(tokens);
  const cluster = { server: url, "certificate-authority-data": Buffer.from(ca).toString("base64") };
  return yaml.dump({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "admin",
    clusters: [{ name: "test", cluster }],
    users: users.map(([name, token]) => ({ name, user: { token } })),
    contexts: users.map(([name]) => ({ name, context: { cluster: "test", user: name } })),
  });
}

function newToken(): string {
  return randomBytes(16).toString("hex");
}
