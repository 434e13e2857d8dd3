import * as http from "node:http";
import * as net from "node:net";

/** Milliseconds until a call counts as failed. */
const CALL_DEADLINE_MS = 3_000;

/** What a proxy stands before: answers what it was sent, on one port for HTTP and on one for TCP. */
export async function startServices(ports: { http: number; tcp: number }): Promise<() => void> {
  const sockets = new Set<net.Socket>();
  const web = http.createServer((request, response) => response.end(request.url));
  const echo = net.createServer((socket) => socket.on("error", () => {}).pipe(socket));
  for (const server of [web, echo]) {
    server.on("connection", (socket: net.Socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    });
  }
  await Promise.all([listening(web, ports.http), listening(echo, ports.tcp)]);
  return () => {
    for (const socket of sockets) socket.destroy();
    web.close();
    echo.close();
  };
}

function listening(server: net.Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
}

/** Something that is called over and over; fails where the answer is not what was sent. */
export interface Caller {
  call(text: string): Promise<void>;
  close(): void;
}

export function httpCaller(port: number, keepAlive: boolean): Caller {
  const agent = new http.Agent({ keepAlive, maxSockets: keepAlive ? 1 : Infinity });
  const call = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const request = http.get({ host: "127.0.0.1", port, path: `/${text}`, agent }, (response) => {
        let body = "";
        response.on("data", (chunk) => (body += chunk));
        response.on("error", reject);
        response.on("end", () => {
          if (response.statusCode === 200 && body === `/${text}`) resolve();
          else reject(new Error(`${response.statusCode} ${body.slice(0, 80)}`));
        });
      });
      request.setTimeout(CALL_DEADLINE_MS, () => request.destroy(new Error("no answer in time")));
      request.on("error", reject);
    });
  return { call, close: () => agent.destroy() };
}

/** Each call on a connection of its own, which the other side has taken when the echo is there. */
export function newTcpCaller(port: number): Caller {
  const call = async (text: string) => {
    const connection = new EchoConnection(port);
    try {
      await connection.call(text);
    } finally {
      connection.close();
    }
  };
  return { call, close: () => {} };
}

/** All calls on one connection, and on the next one when that has ended. */
export function keptTcpCaller(port: number): Caller {
  let connection: EchoConnection | undefined;
  const call = (text: string) => {
    if (!connection || connection.ended) connection = new EchoConnection(port);
    return connection.call(text);
  };
  return { call, close: () => connection?.close() };
}

class EchoConnection {
  ended = false;
  private readonly socket: net.Socket;
  private readonly waiting: { line: string; answer: (error?: Error) => void }[] = [];
  private received = "";

  constructor(port: number) {
    this.socket = net.connect({ host: "127.0.0.1", port });
    this.socket.on("data", (data) => this.take(String(data)));
    this.socket.on("error", (error) => this.end(error));
    this.socket.on("close", () => this.end(new Error("the connection was closed")));
  }

  call(line: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.end(new Error("no answer in time")), CALL_DEADLINE_MS);
      const answer = (error?: Error) => {
        clearTimeout(timer);
        if (error) reject(error);
        else resolve();
      };
      this.waiting.push({ line, answer });
      this.socket.write(`${line}\n`);
    });
  }

  close(): void {
    this.end(new Error("closed"));
  }

  private take(data: string): void {
    const lines = (this.received + data).split("\n");
    this.received = lines.pop() ?? "";
    for (const line of lines) {
      const first = this.waiting.shift();
      first?.answer(first.line === line ? undefined : new Error(`another answer: ${line}`));
    }
  }

  private end(error: Error): void {
    this.ended = true;
    this.socket.destroy();
    for (const { answer } of this.waiting.splice(0)) answer(error);
  }
}
