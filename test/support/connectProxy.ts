import * as http from "node:http";
import * as net from "node:net";

/** A proxy that takes CONNECT for any address, writes it down, and leads to one port of this machine. */
export class ConnectProxy {
  /** Hosts and ports that were asked for. */
  readonly asked: string[] = [];
  /** What the last one came with. */
  authorization: string | undefined;
  private readonly sockets = new Set<net.Socket>();

  private constructor(
    private readonly server: http.Server,
    private readonly target: number,
  ) {
    server.on("connect", (request: http.IncomingMessage, socket: net.Socket) =>
      this.connect(request, socket),
    );
    server.on("request", (request, response) => {
      this.asked.push(request.url ?? "");
      response.writeHead(502).end();
    });
  }

  static async start(target: number): Promise<ConnectProxy> {
    const server = http.createServer();
    const proxy = new ConnectProxy(server, target);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as net.AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private connect({ url = "", headers }: http.IncomingMessage, socket: net.Socket): void {
    this.asked.push(url);
    this.authorization = headers["proxy-authorization"];
    const onward = net.connect(this.target, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    for (const each of [socket, onward]) {
      this.sockets.add(each);
      each.on("error", () => each.destroy()).on("close", () => this.sockets.delete(each));
    }
  }
}
