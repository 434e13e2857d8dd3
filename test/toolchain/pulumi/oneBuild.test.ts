import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "../../../toolchain/process/processId";
import { cleanUp, filesBelow, later, pathWith, tempDir, writeFile, writeGo } from "../support";

const ROOT = path.resolve(__dirname, "../../..");
const ENGINE = "kuma-federation/pulumi-v3.246.0/pulumi";

/** What a `go` does that builds until it is told that it has finished. */
const slowly = (control: string) => [
  'echo half > "$out"',
  // as the compilers that Go starts
  `sleep 1000 & echo "$$ $!" > '${control}/pids'`,
  `while [ ! -e '${control}/finish' ]; do sleep 0.1; done; kill $!`,
  "printf '#!/bin/sh\\necho v3.246.0\\n' > \"$out\"",
  'chmod +x "$out"',
];

/** Each test starts with an empty cache, no network, and a slow Go. */
describe("toolchain: a build that takes long", function () {
  let cache: string;
  let control: string;
  let builds: string;
  let env: NodeJS.ProcessEnv;

  beforeEach(() => {
    cache = tempDir();
    control = tempDir();
    const bin = pathWith("chmod", "sleep", "sh");
    builds = writeGo(bin, ...slowly(control));
    const nowhere = "http://127.0.0.1:1";
    const release = { PULUMI_RELEASE_URL: nowhere, PULUMI_CHECKSUMS_URL: nowhere };
    env = { ...release, PATH: bin, HOME: cache, XDG_CACHE_HOME: cache };
  });
  afterEach(cleanUp);

  const finish = () => writeFile(path.join(control, "finish"), "");
  const buildCount = () => fs.readFileSync(builds, "utf8").trim().split("\n").length;

  const start = (file: string, ...args: string[]) => {
    const child = spawn(file, args, { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
    later(() => void child.kill("SIGKILL"));
    const seen = { child, output: "", done: new Promise((resolve) => child.on("close", resolve)) };
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (text: Buffer) => (seen.output += text.toString()));
    }
    return seen;
  };
  const GET_ENGINE = ["--require", "./toolchain/typescript.js", path.join(__dirname, "getEngine.ts")];
  const getEngine = () => start(process.execPath, ...GET_ENGINE);
  const MOCHA = [path.join(ROOT, "node_modules/mocha/bin/mocha.js"), "--timeout", "50"];

  const until = async (what: string, look: () => boolean) => {
    const deadline = Date.now() + 90_000;
    while (!look()) {
      if (Date.now() > deadline) assert.fail(`waited in vain for ${what}`);
      await sleep(20);
    }
  };
  /** The ids of Go and of what Go has started. */
  const going = async (): Promise<number[]> => {
    const pids = path.join(control, "pids");
    await until("the build", () => fs.existsSync(pids) && fs.readFileSync(pids, "utf8").endsWith("\n"));
    const found = fs.readFileSync(pids, "utf8").trim().split(" ").map(Number);
    fs.rmSync(pids);
    assert.deepEqual(found.map(isAlive), [true, true]);
    return found;
  };
  const ended = (pids: number[]) => until("the end of the build", () => !pids.some(isAlive));
  const kill = async ({ child, done }: { child: ChildProcess; done: Promise<unknown> }) => {
    child.kill("SIGKILL");
    await done;
  };

  it("is done once where two processes want the same", async () => {
    const first = getEngine();
    await going();
    const second = getEngine();
    await until("the second to wait", () => second.output.includes("Waiting"));
    assert.ok(
      second.output.includes(
        `Waiting for process ${first.child.pid}, which is getting the Pulumi engine 3.246.0 as well`,
      ),
      second.output,
    );
    finish();
    assert.deepEqual(await Promise.all([first.done, second.done]), [0, 0], first.output + second.output);
    const file = path.join(cache, ENGINE);
    assert.ok(first.output.endsWith(`\ngo ${file}\n`), first.output);
    assert.ok(second.output.endsWith(`\ncache ${file}\n`), second.output);
    assert.deepEqual([buildCount(), filesBelow(cache)], [1, [ENGINE]]);
  });

  it("ends with the process that wants it, and is begun anew by one that waits", async () => {
    const first = getEngine();
    const pids = await going();
    const second = getEngine();
    await until("the second to wait", () => second.output.includes("Waiting"));
    await kill(first);
    await ended(pids);
    await going();
    finish();
    assert.equal(await second.done, 0, second.output);
    assert.deepEqual([buildCount(), filesBelow(cache)], [2, [ENGINE]]);
  });

  it("leaves nothing after a kill that the next process does not clear away", async () => {
    const killed = getEngine();
    await ended(await going().then(async (pids) => (await kill(killed), pids)));
    const left = fs.readdirSync(path.join(cache, "kuma-federation"));
    assert.equal(left.length, 2, `a lock and half a build: ${left.join(", ")}`);
    finish();
    const next = getEngine();
    assert.equal(await next.done, 0, next.output);
    assert.deepEqual(filesBelow(cache), [ENGINE]);
  });

  it("ends where what started its process is killed", async () => {
    const starter = start("/bin/sh", "-c", '"$0" "$@"; true', process.execPath, ...GET_ENGINE);
    const pids = await going();
    await kill(starter);
    await ended(pids);
    assert.match(starter.output, /Go build: .*what started this command has ended/);
  });

  it("ends where the npm that started scripts/run.js is killed", async () => {
    const npm = start(process.execPath, "-e", "setInterval(() => undefined, 1000)");
    env.KUMA_FEDERATION_STARTED_BY = String(npm.child.pid);
    const waiting = getEngine();
    const pids = await going();
    npm.child.kill("SIGKILL");
    await ended(pids);
    assert.equal(await waiting.done, 1, waiting.output);
  });

  describe("for the tests", () => {
    let spec: string;

    beforeEach(() => {
      const module = JSON.stringify(path.join(ROOT, "test/support/pulumi/engine"));
      spec = writeFile(
        path.join(tempDir(), "spec.ts"),
        `const { needsEngine } = require(${module});
         describe("with an engine", () => { needsEngine(); it("one", () => {}); it("two", () => {}); });
         describe("with the engine again", () => { needsEngine(); it("three", () => {}); });
         describe("without one", () => { it("four", () => {}); });`,
      );
    });

    it("is done before the first of them, without their time limit", async () => {
      const run = start(process.execPath, ...MOCHA, spec);
      await going();
      // longer than a test may take
      await sleep(500);
      finish();
      assert.equal(await run.done, 0, run.output);
      assert.match(run.output, /^ {2}4 passing/m);
      assert.ok(run.output.indexOf("Built the Pulumi engine") < run.output.indexOf("✔"), run.output);
      assert.equal(buildCount(), 1);
    });

    it("is not done for tests that do without", async () => {
      const run = start(process.execPath, ...MOCHA, "--grep", "four", spec);
      assert.equal(await run.done, 0, run.output);
      assert.match(run.output, /^ {2}1 passing/m);
      assert.equal(fs.existsSync(builds), false);
    });

    it("is told by the tests that are skipped, where there is neither an engine nor Go", async () => {
      env.PATH = pathWith("sh");
      const run = start(process.execPath, ...MOCHA, spec);
      assert.equal(await run.done, 0, run.output);
      assert.match(run.output, /^ {2}1 passing.*\n {2}3 pending/m);
      assert.match(
        run.output,
        /skipped, since there is no Pulumi engine: No Pulumi engine can be had .*no go on PATH/,
      );
    });
  });
});
