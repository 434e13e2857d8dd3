import * as assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { ControlPlaneProcess, ProcessSettings } from "../../../platforms/universal/controlPlaneProcess";
import { cleanUp, later, setEnvironment, tempDir } from "../../support/cleanUp";
import { kumaErrorOf } from "../../support/errors";
import { SeenByProgram, writeFakeProgram } from "../../support/controlPlane/fakeProgram";
import { freePortBase, listenOn } from "../../support/ports";
import { until } from "../../support/until";

describe("platforms/universal/controlPlaneProcess", () => {
  let controlPlane: ControlPlaneProcess;
  let settings: ProcessSettings;
  beforeEach(async () => {
    const directory = tempDir();
    controlPlane = new ControlPlaneProcess(path.join(directory, "zone-1"));
    later(() => controlPlane.remove());
    settings = {
      title: "zone-1",
      command: writeFakeProgram(directory),
      portBase: await freePortBase(),
      environment: { KUMA_MODE: "zone" },
      portSetting: "portBase of zone zone-1",
    };
  });
  afterEach(cleanUp);

  const pidOf = () => Number(fs.readFileSync(controlPlane.file("pid"), "utf8").split(" ")[0]);
  const isAlive = (pid: number) => fs.existsSync(`/proc/${pid}/stat`) && stateOf(pid) !== "Z";
  const stateOf = (pid: number) => fs.readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1][0];
  const soon = () => new Promise((resolve) => setTimeout(resolve, 10));
  const seen = () =>
    JSON.parse(fs.readFileSync(controlPlane.file("work/seen.json"), "utf8")) as SeenByProgram;

  it("knows nothing before it is started", async () => {
    assert.equal(controlPlane.isRunning(), false);
    assert.equal(controlPlane.settings(), undefined);
    assert.equal(controlPlane.apiUrl, "http://127.0.0.1:5681");
    await controlPlane.stop();
    assert.equal(fs.existsSync(controlPlane.directory), false);
  });

  describe("where a run was killed before it had noted the process", () => {
    let pid = 0;
    beforeEach(async () => {
      await controlPlane.start(settings);
      pid = pidOf();
      fs.rmSync(controlPlane.file("pid"));
    });

    it("finds it, so that it is neither started twice nor left behind", async () => {
      assert.equal(new ControlPlaneProcess(controlPlane.directory).isRunning(), true);
      await controlPlane.start(settings);
      assert.equal(pidOf(), pid);
      fs.rmSync(controlPlane.file("pid"));
      await controlPlane.remove();
      assert.equal(isAlive(pid), false);
    });

    it("takes for it no process that only works there, or is another control plane's", async () => {
      await controlPlane.stop();
      const work = controlPlane.file("work");
      for (const [args, variable] of [
        [["migrate"], work],
        [["run"], `${work}/next`],
      ] as const) {
        const env = { ...process.env, KUMA_GENERAL_WORK_DIR: variable };
        const code = "process.stdout.write('.'); setInterval(() => {}, 1000)";
        const other = spawn(process.execPath, ["-e", code, "--", ...args], { cwd: work, env });
        later(() => void other.kill("SIGKILL"));
        await new Promise((resolve) => other.stdout.once("data", resolve));
        assert.equal(controlPlane.isRunning(), false);
      }
    });
  });

  it("starts the program with its ports and waits until it answers", async () => {
    setEnvironment("KUMA_STORE_TYPE", "postgres");
    setEnvironment("PULUMI_CONFIG_PASSPHRASE", "canary");
    await controlPlane.start(settings);
    assert.equal(controlPlane.isRunning(), true);
    assert.deepEqual(controlPlane.settings(), settings);
    assert.equal(controlPlane.apiUrl, `http://127.0.0.1:${settings.portBase + 81}`);
    const { args, cwd, env } = seen();
    assert.deepEqual(args, ["run"]);
    assert.equal(cwd, controlPlane.file("work"));
    const base = settings.portBase;
    const kuma = Object.entries(env).filter(([name]) => name.startsWith("KUMA_"));
    assert.deepEqual(Object.fromEntries(kuma), {
      KUMA_API_SERVER_HTTP_INTERFACE: "127.0.0.1",
      KUMA_API_SERVER_HTTPS_INTERFACE: "127.0.0.1",
      KUMA_API_SERVER_HTTP_PORT: String(base + 81),
      KUMA_API_SERVER_HTTPS_PORT: String(base + 82),
      KUMA_MULTIZONE_GLOBAL_KDS_GRPC_PORT: String(base + 85),
      KUMA_DP_SERVER_PORT: String(base + 78),
      KUMA_MONITORING_ASSIGNMENT_SERVER_PORT: String(base + 76),
      KUMA_DIAGNOSTICS_SERVER_PORT: String(base + 80),
      KUMA_INTER_CP_SERVER_PORT: String(base + 83),
      KUMA_INTER_CP_CATALOG_INSTANCE_ADDRESS: "127.0.0.1",
      KUMA_GENERAL_WORK_DIR: controlPlane.file("work"),
      KUMA_MODE: "zone",
    });
    assert.ok(!JSON.stringify(env).includes("canary"));
  });

  it("keeps its files for their owner only", async () => {
    await controlPlane.start(settings);
    controlPlane.writeFile("kds-server.key", "key");
    const mode = (name: string) => (fs.statSync(controlPlane.file(name)).mode & 0o777).toString(8);
    const files = ["settings.json", "pid", "kuma-cp.log", "kds-server.key"];
    assert.deepEqual(files.map(mode), ["600", "600", "600", "600"]);
    assert.deepEqual(["", "work"].map(mode), ["700", "700"]);
    const names = [...files, "work"].sort();
    assert.deepEqual(fs.readdirSync(controlPlane.directory).sort(), names);
  });

  it("does nothing when it runs with the same settings, also for another object of the program", async () => {
    await controlPlane.start(settings);
    const pid = pidOf();
    await new ControlPlaneProcess(controlPlane.directory).start({ ...settings });
    assert.equal(pidOf(), pid);
  });

  it("starts anew with other settings", async () => {
    await controlPlane.start(settings);
    const pid = pidOf();
    await controlPlane.start({ ...settings, environment: { KUMA_MODE: "global" } });
    assert.notEqual(pidOf(), pid);
    assert.equal(isAlive(pid), false);
    assert.equal(seen().env.KUMA_MODE, "global");
  });

  it("stops the program and leaves its files", async () => {
    await controlPlane.start(settings);
    const pid = pidOf();
    await controlPlane.stop();
    assert.deepEqual([controlPlane.isRunning(), isAlive(pid)], [false, false]);
    assert.equal(fs.existsSync(controlPlane.file("pid")), false);
    assert.deepEqual(controlPlane.settings(), settings);
    await controlPlane.stop();
  });

  it("keeps what proxies know it by when its work directory is emptied", async () => {
    await controlPlane.start(settings);
    await controlPlane.stop();
    for (const name of ["kuma-cp.crt", "kuma-cp.key", "store.json"])
      fs.writeFileSync(controlPlane.file(`work/${name}`), "");
    controlPlane.clearWork();
    assert.deepEqual(fs.readdirSync(controlPlane.file("work")).sort(), ["kuma-cp.crt", "kuma-cp.key"]);
  });

  describe("that holds data plane proxies back", () => {
    const keys = () => JSON.parse(fs.readFileSync(controlPlane.file("work/keys.json"), "utf8")) as string[];
    beforeEach(() => {
      fs.mkdirSync(controlPlane.file("work"), { recursive: true });
      fs.writeFileSync(controlPlane.file("work/kuma-cp.crt"), "the certificate");
      fs.writeFileSync(controlPlane.file("work/kuma-cp.key"), "the key");
    });

    it("gives it the key of its data plane server when they are let in, by any run", async () => {
      await controlPlane.start(settings, { holdProxies: true });
      assert.equal(controlPlane.holdsProxies, true);
      assert.equal(seen().env.KUMA_DP_SERVER_TLS_CERT_FILE, controlPlane.file("work/kuma-cp.crt"));
      assert.equal(fs.existsSync(controlPlane.file("work/keys.json")), false);
      const later = new ControlPlaneProcess(controlPlane.directory);
      await later.start(settings);
      assert.equal(later.holdsProxies, true);
      await later.admitProxies();
      while (!fs.existsSync(controlPlane.file("work/keys.json"))) await soon();
      assert.deepEqual(keys(), ["the key", "the key"]);
      assert.equal(controlPlane.holdsProxies, false);
      await controlPlane.admitProxies();
    });

    it("starts it as ever the next time", async () => {
      await controlPlane.start(settings, { holdProxies: true });
      await controlPlane.start(settings, { anew: true });
      assert.equal(controlPlane.holdsProxies, false);
      assert.equal(seen().env.KUMA_DP_SERVER_TLS_KEY_FILE, undefined);
    });

    it("says when it has ended meanwhile", async () => {
      await controlPlane.start(settings, { holdProxies: true });
      const pid = pidOf();
      process.kill(pid, "SIGKILL");
      while (isAlive(pid)) await soon();
      assert.match((await kumaErrorOf(controlPlane.admitProxies())).message, /^zone-1 does not run any more/);
      assert.equal(controlPlane.holdsProxies, true);
    });

    it("holds nobody back where no proxy can know it yet", async () => {
      fs.rmSync(controlPlane.file("work/kuma-cp.key"));
      await controlPlane.start(settings, { holdProxies: true });
      assert.equal(controlPlane.holdsProxies, false);
    });
  });

  it("knows what it is to be started with when a run is killed while it is stopped for that", async () => {
    await controlPlane.start({ ...settings, environment: { KUMA_FAKE_MODE: "stubborn" } });
    const next = { ...settings, environment: { KUMA_MODE: "global" } };
    const started = controlPlane.start(next);
    while (!fs.existsSync(controlPlane.file("stopping.json"))) await soon();
    const otherRun = new ControlPlaneProcess(controlPlane.directory);
    assert.deepEqual([otherRun.isRunning(), otherRun.settings()], [false, next]);
    process.kill(pidOf(), "SIGKILL");
    await started;
    assert.deepEqual([otherRun.isRunning(), otherRun.settings()], [true, next]);
  });

  it("removes everything", async () => {
    await controlPlane.start(settings);
    const pid = pidOf();
    await controlPlane.remove();
    assert.deepEqual([isAlive(pid), fs.existsSync(controlPlane.directory)], [false, false]);
  });

  it("can be started again after its program was killed", async () => {
    await controlPlane.start(settings);
    const pid = pidOf();
    process.kill(pid, "SIGKILL");
    // a zombie may still hold its ports, as long as one of its threads is left
    await until("the end of the process", () => !fs.existsSync(`/proc/${pid}`));
    assert.equal(controlPlane.isRunning(), false);
    await controlPlane.start(settings);
    assert.equal(controlPlane.isRunning(), true);
  });

  it("says when the program ends at once, and leaves nothing running", async () => {
    const ending = { ...settings, environment: { KUMA_FAKE_MODE: "exit" } };
    assert.deepEqual(await kumaErrorOf(controlPlane.start(ending)), {
      code: "unreachable",
      message: `zone-1 ended at once (exit status 3). Its log, ${controlPlane.file("kuma-cp.log")}, tells why.`,
    });
    assert.equal(controlPlane.isRunning(), false);
    assert.equal(fs.readFileSync(controlPlane.file("kuma-cp.log"), "utf8"), "begins\n");
  });

  it("says when there is no such program", async () => {
    const missing = path.join(controlPlane.directory, "missing");
    assert.deepEqual(await kumaErrorOf(controlPlane.start({ ...settings, command: [missing] })), {
      code: "unreachable",
      message: `zone-1 could not be started: spawn ${missing} ENOENT. Its log, ${controlPlane.file("kuma-cp.log")}, tells why.`,
    });
  });

  it("does not start, nor change its settings, when a port is in use", async () => {
    const server = await listenOn(settings.portBase + 85, "127.0.0.1");
    later(() => void server.close());
    const { message } = await kumaErrorOf(controlPlane.start(settings));
    assert.match(message, new RegExp(`^Port ${settings.portBase + 85} \\(kds of zone-1\\) is in use`));
    assert.equal(controlPlane.settings(), undefined);
  });

  it("leaves another process alone that has got the same id", async () => {
    await controlPlane.start(settings);
    const own = pidOf();
    const started = fs.readFileSync(controlPlane.file("pid"), "utf8").split(" ")[1];
    later(() => void process.kill(own, "SIGKILL"));
    const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    later(() => void other.kill("SIGKILL"));
    controlPlane.writeFile("pid", `${other.pid} ${Number(started) - 1}`);
    assert.equal(controlPlane.isRunning(), false);
    await controlPlane.stop();
    assert.equal(isAlive(other.pid ?? 0), true);
  });

  it("takes a broken pid file as no process", () => {
    for (const text of ["", "abc", "123", "123 ", "99999999 5"]) {
      controlPlane.writeFile("pid", text);
      assert.equal(controlPlane.isRunning(), false, text);
    }
  });
});
