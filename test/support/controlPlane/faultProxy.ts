import * as http from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** Faults that a client gets over by asking again. */
export const PASSING = ["429", "503", "cut", "answerLost", "truncated", "delayed"] as const;
/**
 * Faults that end a run: the process is killed once the request was carried out; the request and everything after it
 * is lost with the network; the control plane says no.
 */
export const ENDING = ["kill", "outage", "refused"] as const;

export type FaultKind = (typeof PASSING)[number] | (typeof ENDING)[number];

/** Which requests meet a fault, counted over all proxies of one script. */
export interface FaultScript {
  kind: FaultKind;
  /** The number of the request, from 1; `each` is every request when it is sent for the first time. */
  at: number | "each";
}

const DELAY_MS = 150;

/** Numbers the requests of a run, whichever control plane they go to, and decides which one meets a fault. */
export class Faults {
  /** What was asked so far: method and path, in the order of arrival. */
  readonly asked: string[] = [];
  /** Resolves once a fault was met. */
  readonly met: Promise<void>;
  private tellMet = () => {};
  private readonly known = new Set<string>();
  private isGone = false;

  constructor(private readonly script?: FaultScript) {
    this.met = new Promise((resolve) => (this.tellMet = resolve));
  }

  /** From now on nothing is answered. */
  end(): void {
    this.isGone = true;
  }

  next(method: string, path: string, body: string): FaultKind | undefined {
    const line = `${method} ${path}`;
    this.asked.push(line);
    const isNew = !this.known.has(line + body);
    this.known.add(line + body);
    if (this.isGone) return "outage";
    if (!this.script) return undefined;
    const { kind, at } = this.script;
    if (at === "each" ? !isNew : this.asked.length !== at) return undefined;
    this.isGone = kind === "kill" || kind === "outage";
    this.tellMet();
    return kind;
  }
}

/** Stands in front of a control plane's API and does to a request what the script says. */
export class FaultProxy {
  private readonly server: http.Server;
  private readonly agent = new http.Agent({ keepAlive: true });
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly target: string,
    /** Changed between two runs. */
    public faults: Faults,
  ) {
    this.server = http.createServer((request, response) => void this.serve(request, response));
    this.server.on("connection", (socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
      socket.on("error", () => {});
    });
  }

  static async start(target: string, faults = new Faults()): Promise<FaultProxy> {
    const proxy = new FaultProxy(target, faults);
    await new Promise<void>((resolve) => proxy.server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Waits until the client of the last run has closed its connections, so that none of its requests comes late. */
  async quiet(): Promise<void> {
    while (this.sockets.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    this.agent.destroy();
    await closed;
  }

  private async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { method = "GET", url = "/", socket } = request;
    try {
      const body = await read(request);
      switch (this.faults.next(method, url, body)) {
        case "kill":
          await this.ask(request, body);
          return void socket.end("gone\r\n\r\n");
        case "outage":
          // what is no HTTP is not asked for again, so that the run ends at once
          return void socket.end("gone\r\n\r\n");
        case "cut":
          return void socket.destroy();
        case "429":
          return answer(response, 429, { "retry-after": "0" }, "{}");
        case "503":
          return answer(response, 503, {}, "upstream connect error");
        case "refused":
          return answer(response, 400, {}, JSON.stringify({ title: "Could not process a resource" }));
        case "delayed":
          await new Promise((resolve) => setTimeout(resolve, DELAY_MS));
          return await this.forward(request, body, response);
        case "answerLost":
          await this.ask(request, body);
          return void socket.destroy();
        case "truncated": {
          const { status, headers, text } = await this.ask(request, body);
          const whole = { ...headers, "content-length": Buffer.byteLength(text) + 1 };
          response.writeHead(status, whole).write(text.slice(0, text.length / 2), () => socket.destroy());
          return;
        }
        default:
          return await this.forward(request, body, response);
      }
    } catch {
      // the control plane is away, or the client is
      socket.destroy();
    }
  }

  private async forward(request: http.IncomingMessage, body: string, response: http.ServerResponse) {
    const { status, headers, text } = await this.ask(request, body);
    answer(response, status, headers, text);
  }

  private ask(
    { method, url, headers }: http.IncomingMessage,
    body: string,
  ): Promise<{ status: number; headers: http.OutgoingHttpHeaders; text: string }> {
    return new Promise((resolve, reject) => {
      const onward = http.request(this.target + url, { method, headers, agent: this.agent }, (message) => {
        read(message).then((text) => {
          const type = message.headers["content-type"];
          resolve({
            status: message.statusCode ?? 0,
            headers: type === undefined ? {} : { "content-type": type },
            text,
          });
        }, reject);
      });
      onward.on("error", reject);
      onward.end(body);
    });
  }
}

function answer(
  response: http.ServerResponse,
  status: number,
  headers: http.OutgoingHttpHeaders,
  text: string,
): void {
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(text) }).end(text);
}

async function read(stream: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
