import * as http from "node:http";
import type { Duplex } from "node:stream";
import { Host } from "./host";

/**
 * Connections of HTTP that begin on a host: to that host's loopback, where a control plane takes whoever comes for its
 * admin. No port of this machine leads there, as everybody here could use that.
 */
export class HostAgent extends http.Agent {
  constructor(
    private readonly host: Host,
    private readonly to: { address: string; port: number },
  ) {
    // sshd allows some ten sessions on a connection (MaxSessions), and forwards any number
    super({ keepAlive: true, maxSockets: 16 });
  }

  override createConnection(
    _options: http.ClientRequestArgs,
    done?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    this.host.connect(this.to.address, this.to.port).then(
      (channel) => done?.(null, asSocket(channel)),
      (error: Error) => done?.(error, undefined as never),
    );
    return undefined;
  }
}

/** What an agent asks of a socket that a channel of SSH has no use for. */
function asSocket(channel: Duplex): Duplex {
  const nothing = () => channel;
  // half of a channel goes on where the other side has ended; half of a connection of HTTP serves nobody
  channel.on("end", () => channel.destroy());
  return Object.assign(channel, {
    setKeepAlive: nothing,
    setNoDelay: nothing,
    setTimeout: nothing,
    ref: nothing,
    unref: nothing,
    destroySoon: () => channel.destroy(),
  });
}
