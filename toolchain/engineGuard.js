/**
 * Runs an engine's operation in a process group of its own, so that only this process tells it to stop:
 *
 *   node engineGuard.js <engine> [arguments]
 *
 * An engine that is told once ends what it is at, and keeps its state in order; one that is told twice ends at once (Pulumi
 * 3.246, pkg/backend/cancellation_scope.go). Ctrl-C would reach it twice, from the terminal and from who runs it, and a
 * terminal that is closed would kill it. It is told once when this process gets SIGINT or SIGTERM, however often, and once more
 * when the process that started this one is gone. Exit status: that of the engine.
 */
"use strict";

const { spawn } = require("node:child_process");
const os = require("node:os");

const [engine, ...args] = process.argv.slice(2);
const child = spawn(engine, args, { detached: true, stdio: "inherit" });
child.on("error", (error) => {
  process.stderr.write(`error: ${engine} cannot be started: ${error.message}\n`);
  process.exit(127);
});
child.on("exit", (status, signal) => {
  process.exit(signal ? 128 + os.constants.signals[signal] : status);
});

let isTold = false;
function tell() {
  if (!isTold) child.kill("SIGINT");
  isTold = true;
}
process.on("SIGINT", tell);
process.on("SIGTERM", tell);
// who runs this gets it as well, and sends SIGINT
process.on("SIGHUP", () => {});

const parent = process.ppid;
const watch = setInterval(() => {
  if (process.ppid === parent) return;
  clearInterval(watch);
  child.kill("SIGINT");
}, 250);
