import { readFileSync } from "node:fs";
import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

import { type Config, type GlobalAddress, parseGlobalAddress } from "../config";
import { configDump } from "../configDump";
import type { Store } from "../resources/store";
import { RESOURCE_TYPES } from "../resources/types";
import { KUMA_VERSION } from "../version";
import { zoneSelection } from "./mapping";
import { Link, type Message } from "./protocol";
import { Publisher } from "./publisher";
import { receive, zoneReceiveOptions } from "./receiver";

const SENT_BY_ZONE = RESOURCE_TYPES.filter((type) => type.sync.zoneToGlobal);
const MAX_BACKOFF_FACTOR = 8;

/** The side of a federated zone: dials the global control plane, again and again while that is away. */
export class ZoneClient {
  private readonly address: GlobalAddress;
  private socket: Socket | undefined;
  private publisher: Publisher | undefined;
  private timer: NodeJS.Timeout | undefined;
  private failures = 0;
  private refused = false;
  private stopped = false;

  constructor(
    private readonly store: Store,
    private readonly config: Config,
    private readonly instanceId: string,
  ) {
    this.address = parseGlobalAddress(config.zone.globalAddress);
  }

  start(): void {
    const socket = this.dial();
    this.socket = socket;
    socket.once(this.address.tls ? "secureConnect" : "connect", () => this.connected(socket));
    socket.on("error", (error) =>
      console.error(`kds: connection to ${this.config.zone.globalAddress} failed: ${error.message}`),
    );
    socket.once("close", () => this.closed());
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.publisher?.stop();
    this.socket?.destroy();
  }

  /** The host name of the address must be in the certificate, which Node checks unless verification is off. */
  private dial(): Socket {
    const { host, port, tls } = this.address;
    if (!tls) {
      return connectPlain({ host, port });
    }
    const { rootCaFile, systemCaFile, tlsSkipVerify } = this.config.zone;
    const authorities = rootCaFile || systemCaFile;
    return connectTls({
      host,
      port,
      minVersion: "TLSv1.2",
      rejectUnauthorized: !tlsSkipVerify,
      ...(authorities === "" ? {} : { ca: readFileSync(authorities) }),
    });
  }

  private connected(socket: Socket): void {
    if (!this.refused) {
      this.failures = 0;
    }
    this.refused = false;
    const link = new Link(socket, (message) => this.handle(message, link), this.config.zone.maxMsgSize);
    link.send({
      kind: "hello",
      zone: this.config.zone.name,
      instanceId: this.instanceId,
      version: KUMA_VERSION,
      config: JSON.stringify(configDump(this.config)),
      ...this.credentials(),
    });
    this.publisher = new Publisher(
      this.store,
      SENT_BY_ZONE,
      zoneSelection(this.store, this.config.zone.name),
      (message) => link.send(message),
    );
    this.publisher.start();
  }

  /** Only over a connection whose other end was verified. */
  private credentials(): { konnect?: { token: string; controlPlaneId: string } } {
    const { tokenFile, controlPlaneId } = this.config.zone.konnect;
    if (tokenFile === "" || !this.address.tls || this.config.zone.tlsSkipVerify) {
      return {};
    }
    return { konnect: { token: readFileSync(tokenFile, "utf8").trim(), controlPlaneId } };
  }

  private handle(message: Message, link: Link): void {
    if (message.kind === "refusal") {
      console.error(`kds: the global does not let this zone in: ${message.reason}`);
      this.refused = true;
      return;
    }
    if (message.kind !== "resources") {
      return;
    }
    const conflicts = receive(this.store, message, zoneReceiveOptions(message.type));
    link.send({
      kind: "answer",
      type: message.type,
      ...(conflicts.length > 0 ? { error: `user error\n${conflicts.join("\n")}` } : {}),
    });
  }

  private closed(): void {
    this.publisher?.stop();
    this.publisher = undefined;
    if (this.stopped) {
      return;
    }
    const factor = Math.min(2 ** this.failures++, MAX_BACKOFF_FACTOR);
    this.timer = setTimeout(() => this.start(), this.config.standIn.reconnectMs * factor);
  }
}
