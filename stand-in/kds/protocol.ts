import type { Socket } from "node:net";

import type { Labels } from "../resources/model";
import type { ZoneHello } from "./insight";

/** A resource on its way: what the other side keeps of it. */
export interface WireResource {
  readonly mesh: string;
  readonly name: string;
  readonly labels: Readonly<Labels>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Changes of one type. The first such message of a connection holds all of the type, be it none. */
export interface ResourcesMessage {
  readonly kind: "resources";
  readonly type: string;
  readonly initial: boolean;
  readonly added: readonly WireResource[];
  readonly removed: readonly { mesh: string; name: string }[];
}

export interface AnswerMessage {
  readonly kind: "answer";
  readonly type: string;
  /** Why something of the message was not taken: a NACK. Absent: an ACK. */
  readonly error?: string;
}

/** The global does not let the zone in, and ends the connection. */
export interface RefusalMessage {
  readonly kind: "refusal";
  /** In the words of gRPC: `Unauthenticated` or `PermissionDenied`, and why. */
  readonly reason: string;
}

export type Message = ({ kind: "hello" } & ZoneHello) | ResourcesMessage | AnswerMessage | RefusalMessage;

/** A message is longer than this only by mistake. */
const MAX_MESSAGE = 256 * 1024 * 1024;

/**
 * The stand-in's own protocol: one JSON message a line, over TLS, both ways on one connection. It carries what KDS
 * carries and follows its rules, but is not KDS: a stand-in and a real control plane cannot talk to each other.
 */
export class Link {
  private pending: string[] = [];
  private pendingLength = 0;

  constructor(
    private readonly socket: Socket,
    onMessage: (message: Message) => void,
    /** The most bytes of a message of KDS, in either direction. */
    private readonly maxMsgSize: number,
  ) {
    socket.setEncoding("utf8");
    socket.setKeepAlive(true, 5000);
    socket.on("data", (data: string | Buffer) => {
      try {
        this.receive(String(data), onMessage);
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
  }

  send(message: Message): void {
    if (!this.socket.destroyed) {
      const size = sizeOf(message);
      if (size > this.maxMsgSize) {
        this.socket.destroy(exhausted(`trying to send message larger than max`, size, this.maxMsgSize));
        return;
      }
      this.socket.write(`${JSON.stringify(message)}\n`);
    }
  }

  private receive(data: string, onMessage: (message: Message) => void): void {
    let start = 0;
    for (let end = data.indexOf("\n"); end !== -1; end = data.indexOf("\n", start)) {
      const line = this.pending.join("") + data.slice(start, end);
      this.pending = [];
      this.pendingLength = 0;
      start = end + 1;
      const message = JSON.parse(line) as Message;
      const size = sizeOf(message);
      if (size > this.maxMsgSize) {
        throw exhausted("received message larger than max", size, this.maxMsgSize);
      }
      onMessage(message);
    }
    if (start < data.length) {
      this.pending.push(data.slice(start));
      this.pendingLength += data.length - start;
      if (this.pendingLength > MAX_MESSAGE) {
        throw new Error("message is too long");
      }
    }
  }
}

/** The words of gRPC, which ends the stream then (google.golang.org/grpc, rpc_util.go). */
function exhausted(what: string, size: number, max: number): Error {
  return new Error(`rpc error: code = ResourceExhausted desc = ${what} (${size} vs. ${max})`);
}

/** About what KDS would make of a message: secrets travel as bytes there, and not in base64. */
function sizeOf(message: Message): number {
  if (message.kind !== "resources") {
    return 0;
  }
  return message.added.reduce((sum, { mesh, name, labels, body }) => {
    const { data, ...others } = body;
    const bytes = typeof data === "string" ? Buffer.byteLength(data, "base64") : 0;
    return sum + bytes + Buffer.byteLength(JSON.stringify({ mesh, name, labels, others }));
  }, 0);
}
