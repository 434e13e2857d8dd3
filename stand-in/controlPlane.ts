import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { hostname } from "node:os";

import { kumaApi } from "./api/kumaApi";
import type { ApiServer } from "./api/server";
import { type Config, isFederated } from "./config";
import { type KeyPairPem, ownCertificate } from "./crypto/certificates";
import { DataplaneServer } from "./dataplaneServer";
import { ensureDefaults } from "./defaults/boot";
import { Generators } from "./defaults/generated";
import { GlobalServer } from "./kds/globalServer";
import { endAllSubscriptions } from "./kds/insight";
import { ZoneClient } from "./kds/zoneClient";
import { closeServer, listen } from "./listen";
import { Journal } from "./resources/journal";
import { ResourceManager } from "./resources/manager";
import { Store } from "./resources/store";
import { RESOURCE_TYPES } from "./resources/types";

/** All parts of a stand-in control plane, started and stopped in order. */
export class ControlPlane {
  private readonly store = new Store();
  private readonly instanceId = `${hostname()}-${randomBytes(2).toString("hex")}`;
  private readonly api: ApiServer;
  private readonly diagnostics: Server;
  private ready = false;
  /** What has been started, in the order in which it is stopped. */
  private readonly running: (() => void | Promise<void>)[] = [];

  constructor(private readonly config: Config) {
    const manager = new ResourceManager(this.store, config);
    this.api = kumaApi(this.store, manager, config, this.instanceId);
    this.diagnostics = createServer((request, response) => {
      const known = request.url === "/healthy" || request.url === "/ready";
      response.writeHead(!known ? 404 : request.url === "/ready" && !this.ready ? 503 : 200).end();
    });
  }

  describe(): string {
    const { mode, zone, api } = this.config;
    const role = mode === "zone" ? `zone "${zone.name}"` : "global";
    return `${role}, http://${api.interface}:${api.port}`;
  }

  async start(): Promise<void> {
    const { config, store } = this;
    mkdirSync(config.workDir, { recursive: true, mode: 0o700 });
    await listen(this.diagnostics, config.diagnosticsPort, config.api.interface);
    this.running.unshift(async () => {
      this.diagnostics.closeAllConnections();
      await closeServer(this.diagnostics);
    });
    if (config.storeType === "file") {
      const journal = new Journal(config.workDir, store);
      journal.open(RESOURCE_TYPES.map(({ name }) => name));
      this.running.unshift(() => journal.close());
    }
    // The real one answers requests only after its defaults are there, too: the index comes last.
    await ensureDefaults(store, config);
    if (config.mode === "zone") {
      const generators = new Generators(store, config.zone.name);
      generators.start();
      this.running.unshift(() => generators.stop());
    }
    await this.startSync();
    await this.api.start();
    this.running.unshift(() => this.api.stop());
    if (config.mode === "zone") {
      const dataplanes = new DataplaneServer(config);
      dataplanes.start();
      this.running.unshift(() => dataplanes.stop());
    }
    this.ready = true;
  }

  async stop(): Promise<void> {
    this.ready = false;
    for (const stop of this.running.splice(0)) {
      await stop();
    }
  }

  private async startSync(): Promise<void> {
    if (this.config.mode === "global") {
      const { store, instanceId } = this;
      endAllSubscriptions(store);
      const server = new GlobalServer(this.config, () => ({ store, instanceId }), await this.certificate());
      await server.start();
      this.running.unshift(() => server.stop());
    } else if (isFederated(this.config)) {
      const client = new ZoneClient(this.store, this.config, this.instanceId);
      client.start();
      this.running.unshift(() => client.stop());
    }
  }

  /** The configured certificate, or one that signs itself and stays in the work directory. */
  private async certificate(): Promise<KeyPairPem | undefined> {
    const { tlsEnabled, certFile, keyFile } = this.config.kdsServer;
    if (!tlsEnabled) {
      return undefined;
    }
    if (certFile !== "") {
      return { cert: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8") };
    }
    return ownCertificate(this.config.workDir, "kuma-cp");
  }
}
