import { createServer as createPlainServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";

import type { Config } from "../config";
import { closeServer, listen } from "../listen";
import type { Store } from "../resources/store";
import { RESOURCE_TYPES, sentToZones } from "../resources/types";
import { newResource } from "../resources/writer";
import type { KeyPairPem } from "../crypto/certificates";
import { SubscriptionRecorder, type ZoneHello } from "./insight";
import { globalSelection } from "./mapping";
import { Link, type Message, type ResourcesMessage } from "./protocol";
import { Publisher } from "./publisher";
import { globalReceiveOptions, receive } from "./receiver";

const SENT_TO_ZONES = RESOURCE_TYPES.filter(sentToZones);

/** A control plane that a zone may connect with. Konnect has many of them behind one address. */
export interface KdsTenant {
  store: Store;
  instanceId: string;
}

/** Decides which one a zone connects with, or why with none (the words of a gRPC status). */
export type Admission = (hello: ZoneHello) => KdsTenant | { refusal: string };

/** The side of a global control plane: takes connections of zones. */
export class GlobalServer {
  private readonly server: Server;
  private readonly connections = new Map<Socket, ZoneConnection | undefined>();

  constructor(
    private readonly config: Pick<Config, "api" | "kdsServer" | "standIn">,
    private readonly admit: Admission,
    certificate: KeyPairPem | undefined,
  ) {
    const accept = (socket: Socket): void => this.accept(socket);
    this.server = certificate
      ? createTlsServer({ ...certificate, minVersion: "TLSv1.2", ALPNProtocols: ["h2"] }, accept)
      : createPlainServer(accept);
  }

  async start(): Promise<void> {
    await listen(this.server, this.config.kdsServer.port, this.config.api.interface);
  }

  async stop(): Promise<void> {
    for (const [socket, connection] of this.connections) {
      connection?.end();
      socket.destroy();
    }
    await closeServer(this.server);
  }

  private accept(socket: Socket): void {
    const onMessage = (message: Message): void => {
      if (message.kind === "hello") {
        this.connections.get(socket)?.end();
        const tenant = this.admit(message);
        if ("refusal" in tenant) {
          link.send({ kind: "refusal", reason: tenant.refusal });
          socket.end();
          return;
        }
        const connection = new ZoneConnection(tenant, message, link, this.config.standIn.insightDelayMs);
        this.connections.set(socket, connection);
        connection.start();
      } else {
        this.connections.get(socket)?.handle(message);
      }
    };
    const link = new Link(socket, onMessage, this.config.kdsServer.maxMsgSize);
    this.connections.set(socket, undefined);
    socket.on("error", (error) => console.error(`kds: connection of a zone failed: ${error.message}`));
    socket.on("close", () => {
      this.connections.get(socket)?.end();
      this.connections.delete(socket);
    });
  }
}

/** One connection of one zone. */
class ZoneConnection {
  private readonly recorder: SubscriptionRecorder;
  private readonly publisher: Publisher;
  private ended = false;

  private readonly store: Store;

  constructor(
    { store, instanceId }: KdsTenant,
    private readonly hello: ZoneHello,
    private readonly link: Link,
    insightDelayMs: number,
  ) {
    this.store = store;
    this.recorder = new SubscriptionRecorder(store, hello, instanceId, insightDelayMs);
    this.publisher = new Publisher(store, SENT_TO_ZONES, globalSelection(store, hello.zone), (message) => {
      this.recorder.sent(message.type);
      link.send(message);
    });
  }

  start(): void {
    const zone = { type: "Zone", mesh: "", name: this.hello.zone };
    if (!this.store.get(zone.type, zone)) {
      this.store.create(newResource({ ...zone, body: { enabled: true } }));
    }
    this.publisher.start();
  }

  handle(message: Message): void {
    if (message.kind === "answer") {
      this.recorder.answered(message.type, message.error !== undefined);
    } else if (message.kind === "resources") {
      this.take(message);
    }
  }

  end(): void {
    if (!this.ended) {
      this.ended = true;
      this.publisher.stop();
      this.recorder.end();
    }
  }

  private take(message: ResourcesMessage): void {
    const { zone } = this.hello;
    const pinned = {
      ...message,
      added: message.added.map((resource) => pinnedToZone(message.type, resource, zone)),
    };
    receive(this.store, pinned, globalReceiveOptions(zone));
    this.link.send({ kind: "answer", type: message.type });
  }
}

/** Whatever a zone says, its zone proxies are its own. Source: Kuma v2.14.3 pkg/kds/v2/store/sync.go, pinZone. */
function pinnedToZone<T extends { body: Readonly<Record<string, unknown>> }>(
  type: string,
  resource: T,
  zone: string,
): T {
  return type === "ZoneIngress" || type === "ZoneEgress"
    ? { ...resource, body: { ...resource.body, zone } }
    : resource;
}
