import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { forgetRun } from "../../../resources/provider/oneRun";
import { endAll } from "../cleanUp";
import { makeReady } from "./readiness";

// keys that protect nothing; a real control plane, which may be sent some of them, wants them as long as its own
process.env.STAND_IN_RSA_BITS ??= process.env.KUMA_CP ? "2048" : "1024";

/** Milliseconds between two looks whether somebody still waits for the run. */
const LOOK_EVERY_MS = 1_000;

/**
 * Loaded by mocha before any test file (.mocharc.yml), and again by each of its workers where files run side by side.
 * Hooks of the whole run: of each file in a worker, which loads no module a second time, so that a hook which a module
 * registers by itself would be one of its first file alone.
 */
export const mochaHooks = {
  async beforeAll(this: Mocha.Context) {
    this.timeout(0);
    await makeReady();
  },
  /** A test that has resources looked at as the engine does is a run of its own: the next one is told nothing of it. */
  afterEach() {
    forgetRun();
  },
  async afterAll() {
    await endAll();
  },
};

// a worker is connected to the process that it works for; the variable alone is also that of what its tests start
const isWorker = process.env.MOCHA_WORKER_ID !== undefined && process.connected === true;
if (!isWorker) beginRun();

// a run whose starter was killed is one that nobody waits for
const starter = process.ppid;
setInterval(() => {
  if (process.ppid !== starter) process.kill(process.pid, "SIGTERM");
}, LOOK_EVERY_MS).unref();

/**
 * The run gets a directory of its own for all temporary files, in the variable TMPDIR, which every process that a test
 * starts inherits, and control planes hand on; by it the sweeper knows what belongs to the run.
 */
function beginRun(): void {
  const root = fs.realpathSync(os.tmpdir());
  // short, since paths of sockets are limited to some hundred characters
  const directory = fs.mkdtempSync(path.join(root, "kuma-test-"));
  // a PostgreSQL server, which runs as another user than root, has its files below
  fs.chmodSync(directory, 0o711);

  const sweeper = spawn(
    process.execPath,
    [
      "--require",
      path.resolve(__dirname, "../../../toolchain/typescript.js"),
      path.join(__dirname, "sweeper.ts"),
      directory,
    ],
    {
      cwd: path.resolve(__dirname, "../../.."),
      // of a session of its own: Ctrl-C and the end of the terminal would reach it too
      detached: true,
      stdio: ["pipe", "ignore", "inherit"],
    },
  );
  process.env.TMPDIR = directory;
  sweeper.unref();
  // what keeps the sweeper waiting is this end of its input, which closes with this process, however that ends
  (sweeper.stdin as unknown as { unref(): void }).unref();
}
