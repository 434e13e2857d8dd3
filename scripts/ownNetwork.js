#!/usr/bin/env node
/**
 * Runs a command in a network that has nothing but a loopback interface of its own, so that control planes which it
 * starts are reached from nowhere else, whatever addresses they listen on. Linux only; needs no root where the system
 * lets users make namespaces (user_namespaces(7)).
 *
 *   node scripts/ownNetwork.js <command> [arguments]
 *
 * The network lasts as long as a control plane that was started in it: while one runs, later commands join it.
 * Exit status: that of the command; 2 where it could not be started.
 */
"use strict";

const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

const EXIT_CANNOT_RUN = 2;
const state = path.resolve(__dirname, "..", process.env.KUMA_FEDERATION_STATE ?? ".kuma-federation");

main(process.argv.slice(2));

function main(command) {
  if (command.length === 0) fail("Usage: node scripts/ownNetwork.js <command> [arguments]");
  const [program, ...args] = [...wayIn(), ...command];
  // Ctrl-C reaches the command by itself, and this process stays until it has tidied up
  process.on("SIGINT", () => {});
  const env = { ...process.env, KUMA_FEDERATION_OWN_NETWORK: "true" };
  const { error, status, signal } = spawnSync(program, args, { stdio: "inherit", env });
  if (error) fail(`${program} cannot be started: ${error.message}.`);
  process.exit(signal ? 128 + os.constants.signals[signal] : status);
}

/** The command line before that of the user's command, which brings it into the network. */
function wayIn() {
  const own = networkOf("self");
  if (own === undefined) fail("A network of one's own is known on Linux only.");
  const running = controlPlanes().map((pid) => ({ pid, network: networkOf(pid) }));
  const inside = running.find(({ network }) => network !== undefined && network !== own);
  if (inside) return ["nsenter", "--preserve-credentials", "-U", "-n", "-t", inside.pid];
  if (running.some(({ network }) => network === own)) {
    fail(
      `Control planes of ${state} run already, in the network of the whole machine. Nothing was started. ` +
        "Take their stacks down first (npm run destroy).",
    );
  }
  const make = ["unshare", "-U", "-r", "-n"];
  const tried = spawnSync(make[0], [...make.slice(1), "ip", "link", "set", "lo", "up"], { encoding: "utf8" });
  if (tried.status !== 0) {
    const reason = tried.error?.message ?? tried.stderr.trim();
    fail(
      `This system gives a user no network of their own (${reason}). Nothing was started. ` +
        "It needs unshare and ip (util-linux, iproute2), and a kernel that lets users make namespaces.",
    );
  }
  return [...make, "sh", "-c", 'ip link set lo up && exec "$@"', "sh"];
}

/** Ids of the processes that the project's control planes were started as; some may have ended. */
function controlPlanes() {
  if (!fs.existsSync(state)) return [];
  return fs
    .readdirSync(state, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name === "pid")
    .map((entry) => fs.readFileSync(path.join(entry.parentPath, entry.name), "utf8").split(" ")[0])
    .filter((pid) => /^\d+$/.test(pid));
}

/** Undefined where there is no such process, or none that this user may look at. */
function networkOf(pid) {
  try {
    return fs.readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}

function fail(message) {
  console.error(message);
  process.exit(EXIT_CANNOT_RUN);
}
