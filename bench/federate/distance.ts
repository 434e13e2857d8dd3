import * as net from "node:net";
import { Transform } from "node:stream";

/** A TCP relay in front of a control plane that is as far away as is said: bytes take half a round trip each way. */
export class Distance {
  private readonly sockets = new Set<net.Socket>();
  private readonly server: net.Server;

  private constructor(target: URL, roundTripMs: number) {
    this.server = net.createServer((near) => {
      const far = net.connect(Number(target.port), target.hostname);
      this.relay(near, far, roundTripMs / 2);
      this.relay(far, near, roundTripMs / 2);
    });
  }

  static async start(target: string, roundTripMs: number): Promise<Distance> {
    const distance = new Distance(new URL(target), roundTripMs);
    await new Promise<void>((resolve) => distance.server.listen(0, "127.0.0.1", resolve));
    return distance;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as net.AddressInfo).port}`;
  }

  stop(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  private relay(from: net.Socket, to: net.Socket, ms: number): void {
    this.sockets.add(from.setNoDelay(true));
    from.on("error", () => to.destroy());
    from.on("close", () => {
      this.sockets.delete(from);
      // what is still on its way arrives
      setTimeout(() => to.destroy(), ms + 10);
    });
    (ms === 0 ? from : from.pipe(late(ms))).pipe(to);
  }
}

/** Every chunk comes so much later; how much is under way at once is not limited. */
function late(ms: number): Transform {
  return new Transform({
    transform(chunk, _, done) {
      setTimeout(() => this.push(chunk), ms);
      done();
    },
    flush: (done) => void setTimeout(done, ms),
  });
}
