import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as net from "node:net";
import * as path from "node:path";
import * as tls from "node:tls";

import { ControlPlaneProcess, ProcessSettings } from "../../platforms/universal/controlPlaneProcess";
import { freePortBase } from "../support/ports";
import { cleanUp, later, tempDir } from "../support/cleanUp";
import { until } from "../support/until";
import { onEachControlPlane } from "./support/kinds";

/** What a proxy meets at a port: the certificate of a control plane, or nothing (a reason). */
function meet(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = tls.connect({ host: "127.0.0.1", port, rejectUnauthorized: false });
    socket.once("secureConnect", () => {
      resolve(socket.getPeerX509Certificate()?.toString() ?? "none");
      socket.destroy();
    });
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

onEachControlPlane("The port of the data plane server", (kind) => {
  let controlPlane: ControlPlaneProcess;
  let settings: ProcessSettings;
  let known: string;

  beforeEach(async () => {
    controlPlane = new ControlPlaneProcess(path.join(tempDir(), "zone"));
    later(() => controlPlane.remove());
    const portBase = await freePortBase();
    const environment = { KUMA_ENVIRONMENT: "universal", KUMA_MODE: "zone", KUMA_STORE_TYPE: "memory" };
    settings = { title: "zone", command: [...kind.command], portBase, environment, portSetting: "" };
    await controlPlane.start(settings);
    await until("the port", async () => (await meet(controlPlane.ports.dataplanes)).startsWith("-----BEGIN"));
    known = fs.readFileSync(controlPlane.file("work/kuma-cp.crt"), "utf8").trim();
  });
  afterEach(cleanUp);

  const met = async () => (await meet(controlPlane.ports.dataplanes)).trim();
  const answers = async () => {
    const api = controlPlane.open("the zone");
    await api.info().finally(() => api.close());
  };

  it("is open once it runs, with the certificate that lies in its work directory", async () => {
    assert.equal(await met(), known);
  });

  it("stays shut while its key is held back, and opens with the same certificate", async () => {
    await controlPlane.start(settings, { holdProxies: true, anew: true });
    assert.ok(controlPlane.holdsProxies);
    await answers();
    assert.equal(await met(), "ECONNREFUSED");
    await controlPlane.admitProxies();
    assert.ok(!controlPlane.holdsProxies);
    await until("the port", async () => (await met()) === known);
    await answers();
  });

  it("is held back again by a start after one that was killed while it waited", async () => {
    await controlPlane.start(settings, { holdProxies: true, anew: true });
    await controlPlane.start(settings, { holdProxies: true, anew: true });
    assert.equal(await met(), "ECONNREFUSED");
    await controlPlane.admitProxies();
    await until("the port", async () => (await met()) === known);
  });

  it("is a port of a zone alone", async () => {
    const global = new ControlPlaneProcess(path.join(tempDir(), "global"));
    later(() => global.remove());
    const environment = { ...settings.environment, KUMA_MODE: "global" };
    await global.start({ ...settings, environment, portBase: await freePortBase() });
    const isOpen = await new Promise((resolve) => {
      const socket = net.connect(global.ports.dataplanes, "127.0.0.1");
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    assert.equal(isOpen, false);
  });
});
