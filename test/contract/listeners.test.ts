import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { ControlPlaneProcess } from "../../platforms/universal/controlPlaneProcess";
import { openPorts } from "../../platforms/universal/openPorts";
import { freePortBase } from "../support/ports";
import { cleanUp, later, tempDir } from "../support/cleanUp";
import { until } from "../support/until";
import { onEachControlPlane } from "./support/kinds";

interface Listener {
  port: number;
  isLoopback: boolean;
}

/** Where a process listens for TCP, as Linux tells it. */
function listenersOf(pid: number): Listener[] {
  const sockets = fs.readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return fs.readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return []; // it was closed meanwhile
    }
  });
  return ["tcp", "tcp6"]
    .flatMap((table) => fs.readFileSync(`/proc/${pid}/net/${table}`, "utf8").split("\n").slice(1, -1))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTENING && sockets.includes(`socket:[${fields[9]}]`))
    .map((fields) => {
      const [address, port] = fields[1].split(":");
      return { port: parseInt(port, 16), isLoopback: LOOPBACK.includes(address) };
    });
}
const LISTENING = "0A";
const LOOPBACK = ["0100007F", "00000000000000000000000001000000"];

onEachControlPlane("Listeners", (kind) => {
  before(function () {
    if (!fs.existsSync("/proc/net/tcp")) this.skip();
  });
  afterEach(cleanUp);

  for (const mode of ["global", "zone"]) {
    it(`of a ${mode}: other machines reach those that are told, and no other`, async () => {
      const controlPlane = new ControlPlaneProcess(path.join(tempDir(), mode));
      later(() => controlPlane.remove());
      const portBase = await freePortBase();
      const environment = { KUMA_ENVIRONMENT: "universal", KUMA_MODE: mode, KUMA_STORE_TYPE: "memory" };
      const settings = { title: mode, command: [...kind.command], portBase, environment, portSetting: "" };
      await controlPlane.start(settings);
      const pid = Number(fs.readFileSync(controlPlane.file("pid"), "utf8").split(" ")[0]);
      const told = openPorts(settings);
      const open = () => listenersOf(pid).flatMap(({ port, isLoopback }) => (isLoopback ? [] : [port]));
      // the server for its other instances comes after the API
      await until("all listeners", () => told.every((port) => open().includes(port)));
      assert.deepEqual(
        open().sort((a, b) => a - b),
        told,
      );
      assert.equal(told.length > 0, kind.isReal);
      const isApi = ({ port, isLoopback }: Listener) => port === controlPlane.ports.api && isLoopback;
      assert.ok(listenersOf(pid).some(isApi));
    });
  }
});
