import { readFile } from "node:fs/promises";
import { type Server, createServer } from "node:https";

import type { Config } from "./config";
import { ownCertificate } from "./crypto/certificates";
import { closeServer, listen } from "./listen";

/**
 * The port at which data plane proxies meet a zone. Everything else runs already when it opens, which is once its private
 * key is read: where that comes out of a named pipe, it waits for whoever writes it. The file is read twice.
 * Source: Kuma v2.14.3 pkg/dp-server/server/server.go; net/http, ListenAndServeTLS.
 *
 * Nothing is served there: a stand-in has no xDS.
 */
export class DataplaneServer {
  private server: Server | undefined;
  private isStopped = false;

  constructor(private readonly config: Pick<Config, "api" | "dpServer" | "workDir">) {}

  /** Does not wait for the port. */
  start(): void {
    this.open().catch((error: unknown) => console.error(`data plane server: ${String(error)}`));
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.server?.closeAllConnections();
    if (this.server?.listening) await closeServer(this.server);
  }

  private async open(): Promise<void> {
    const { api, dpServer, workDir } = this.config;
    const { cert, key } =
      dpServer.certFile === ""
        ? await ownCertificate(workDir, "kuma-cp")
        : { cert: await readFile(dpServer.certFile, "utf8"), key: await readTwice(dpServer.keyFile) };
    if (this.isStopped) return;
    this.server = createServer({ cert, key, minVersion: "TLSv1.2" }, (_, response) =>
      response.writeHead(404).end(),
    );
    await listen(this.server, dpServer.port, api.interface);
  }
}

async function readTwice(file: string): Promise<string> {
  await readFile(file, "utf8");
  return readFile(file, "utf8");
}
