/**
 * Runs a program that is to end with the process that wants it, however that one ends:
 *
 *   node childGuard.js <program> [arguments]
 *
 * The process that wants it holds the other end of standard input, which the system closes when that process is
 * gone. The program and all that it starts are then ended at once. Exit status: that of the program.
 */
"use strict";

const { spawn } = require("node:child_process");
const os = require("node:os");

const [program, ...args] = process.argv.slice(2);
// a process group of its own, since a compiler starts others
const isGroup = process.platform !== "win32";
const child = spawn(program, args, { detached: isGroup, stdio: ["ignore", "inherit", "inherit"] });

child.on("error", (error) => {
  process.stderr.write(`${program} cannot be started: ${error.message}\n`);
  process.exit(127);
});
child.on("exit", (status, signal) => {
  process.exit(signal ? 128 + os.constants.signals[signal] : status);
});

process.stdin.on("end", end).on("error", end).resume();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, end);

function end() {
  if (child.pid === undefined) return;
  try {
    process.kill(isGroup ? -child.pid : child.pid, "SIGKILL");
  } catch {
    // it has ended meanwhile
  }
}
