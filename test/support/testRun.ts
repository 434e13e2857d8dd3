import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/**
 * Loaded by mocha before any test file (.mocharc.yml). The run gets a directory of its own for all temporary files, in
 * the variable TMPDIR, which every process that a test starts inherits, and control planes hand on; by it the sweeper
 * knows what belongs to the run.
 */
const root = fs.realpathSync(os.tmpdir());
// short, since paths of sockets are limited to some hundred characters
const directory = fs.mkdtempSync(path.join(root, "kuma-test-"));
// a PostgreSQL server, which runs as another user than root, has its files below
fs.chmodSync(directory, 0o711);

const sweeper = spawn(
  process.execPath,
  [
    "--require",
    path.resolve(__dirname, "../../toolchain/typescript.js"),
    path.join(__dirname, "sweeper.ts"),
    directory,
  ],
  {
    cwd: path.resolve(__dirname, "../.."),
    // of a session of its own: Ctrl-C and the end of the terminal would reach it too
    detached: true,
    stdio: ["pipe", "ignore", "inherit"],
  },
);
process.env.TMPDIR = directory;
sweeper.unref();
// what keeps the sweeper waiting is this end of its input, which closes with this process, however that ends
(sweeper.stdin as unknown as { unref(): void }).unref();

// a run whose starter was killed is one that nobody waits for
const starter = process.ppid;
setInterval(() => {
  if (process.ppid !== starter) process.kill(process.pid, "SIGTERM");
}, 1_000).unref();
