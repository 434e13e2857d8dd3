import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { isAlive, startTime } from "../../../toolchain/process/processId";
import { cleanUp, later, tempDir } from "../cleanUp";
import { byPidFiles, processesOf } from "./sweeper";
import { until } from "../until";

const ROOT = path.resolve(__dirname, "../../..");
const MOCHA = path.join(ROOT, "node_modules/mocha/bin/mocha.js");

/** A test that starts a control plane, which is to outlive its starter, and another program, and then does as told. */
const testThat = (does: string) => `
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { ControlPlaneProcess } from "${ROOT}/platforms/universal/controlPlaneProcess";
import { freePortBase } from "${ROOT}/test/support/ports";

it("a test", async () => {
  const zone = new ControlPlaneProcess(path.join(os.tmpdir(), "zone"));
  const command = [process.execPath, "${ROOT}/stand-in/kuma-cp.js"];
  const environment = { KUMA_MODE: "zone" };
  await zone.start({ title: "zone", command, portBase: await freePortBase(), environment, portSetting: "" });
  const stubborn = "process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)";
  const other = spawn(process.execPath, ["-e", stubborn], { detached: true, stdio: ["ignore", "pipe", "ignore"] });
  await new Promise((resolve) => other.stdout.once("data", resolve));
  other.stdout.destroy();
  other.unref();
  const started = fs.readFileSync(zone.file("pid"), "utf8").split(" ")[0];
  console.log(JSON.stringify({ directory: os.tmpdir(), pids: [process.pid, Number(started), other.pid] }));
  ${does}
});
`;
const HANGS = "await new Promise((resolve) => setTimeout(resolve, 1_000_000));";
const FAILS = 'throw new Error("it fails");';

describe("a test run", () => {
  afterEach(cleanUp);

  /** Runs such a test and gives what it has started, and how to look for its end. */
  async function run(does: string, ...command: string[]) {
    const file = path.join(tempDir(), "a.test.ts");
    fs.writeFileSync(file, testThat(does));
    const child = spawn(process.execPath, [...command, file], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
    });
    later(() => void child.kill("SIGKILL"));
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
    const line = await until(`its processes in: ${output}`, () => /^\{.*\}$/m.exec(output));
    const { directory, pids } = JSON.parse(line[0]) as { directory: string; pids: number[] };
    return {
      child,
      pids,
      directory,
      assertNothingLeft: async () => {
        await until("the end of what it started", () => !pids.some(isAlive));
        await until("the end of its files", () => !fs.existsSync(directory));
      },
    };
  }

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"] as const) {
    it(`leaves nothing when it is ended by ${signal}`, async () => {
      const { child, pids, directory, assertNothingLeft } = await run(HANGS, MOCHA);
      assert.deepEqual(pids.map(isAlive), [true, true, true]);
      assert.ok(pids.slice(1).every((pid) => processesOf(directory).includes(pid)));
      child.kill(signal);
      await assertNothingLeft();
    });
  }

  for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
    it(`leaves nothing of files that run side by side when it is ended by ${signal}`, async () => {
      const { child, pids, assertNothingLeft } = await run(HANGS, MOCHA, "--parallel", "--jobs", "2");
      assert.ok(!pids.includes(child.pid ?? 0), "a worker of its own");
      child.kill(signal);
      await assertNothingLeft();
    });
  }

  it("leaves nothing of files that run side by side when a test fails", async () => {
    const { assertNothingLeft } = await run(FAILS, MOCHA, "--parallel", "--jobs", "2");
    await assertNothingLeft();
  });

  it("counts the tests of files that run side by side together, and a file that does not load as failed", () => {
    const file = (name: string, text: string) => {
      const place = path.join(tempDir(), `${name}.test.ts`);
      fs.writeFileSync(place, text);
      return place;
    };
    const good = [file("a", 'it("a", () => {});'), file("b", 'it("b", () => {}); it.skip("c");')];
    const runAll = (...files: string[]) =>
      spawnSync(process.execPath, [MOCHA, "--parallel", "--jobs", "2", ...files], {
        cwd: ROOT,
        encoding: "utf8",
      });
    const { status, stdout } = runAll(...good);
    assert.deepEqual([status, stdout.match(/^ {2}\d+ \w+/gm)], [0, ["  2 passing", "  1 pending"]]);
    const broken = runAll(file("broken", "import './nowhere';"), ...good);
    assert.notEqual(broken.status, 0);
    assert.match(broken.stdout, /^ {2}2 passing \(.*\)\n {2}1 pending\n {2}1 failing\n/m);
    assert.match(broken.stdout, /Cannot find module '\.\/nowhere'/);
  });

  it("ends with the command that started it, and leaves nothing", async () => {
    const { child, assertNothingLeft } = await run(HANGS, "scripts/run.js", "test");
    child.kill("SIGKILL");
    await assertNothingLeft();
  });

  it("leaves nothing when a test fails", async () => {
    const { assertNothingLeft } = await run(FAILS, MOCHA);
    await assertNothingLeft();
  });

  it("leaves processes of others alone", async () => {
    const own = process.env.TMPDIR ?? assert.fail("a run has no directory of its own");
    const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
      env: { ...process.env, TMPDIR: `${own}-of-another-run` },
    });
    later(() => void other.kill("SIGKILL"));
    await until("its environment", () => fs.readFileSync(`/proc/${other.pid}/environ`, "utf8"));
    assert.ok(!processesOf(own).includes(other.pid ?? 0));
    assert.ok(!processesOf(own).includes(process.pid));
  });

  it("knows control planes by their files, and none by that of a process that has ended", () => {
    const directory = tempDir();
    const write = (name: string, text: string) => {
      fs.mkdirSync(path.join(directory, name));
      fs.writeFileSync(path.join(directory, name, "pid"), text);
    };
    write("zone", `${process.pid} ${startTime(process.pid)}`);
    write("former", `${process.pid} ${Number(startTime(process.pid)) - 1}`);
    write("broken", "");
    assert.deepEqual(byPidFiles(directory), [process.pid]);
  });
});
