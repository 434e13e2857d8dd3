import { type LabHost, setSshd } from "./labHosts";

/** What an SSH server was asked for. */
export interface Asked {
  logins: number;
  commands: number;
  /** Connections that it made for who logged in, such as those to the API. */
  forwarded: number;
}

/** What the SSH server of a host tells of who asks it, from now on; `end` has it tell as much as before. */
export class SshLog {
  private cursor = "";

  constructor(private readonly host: LabHost) {
    setSshd(host, "LogLevel DEBUG1");
    this.begin();
  }

  begin(): void {
    this.cursor = this.host.shell("journalctl -n 0 --show-cursor | sed -n 's/^-- cursor: //p'").trim();
  }

  /** Since it began, without what asks here. */
  asked(): Asked {
    const log = this.host.shell(`journalctl -o cat _COMM=sshd --after-cursor '${this.cursor}'`);
    const count = (what: RegExp) => log.match(what)?.length ?? 0;
    return {
      logins: count(/^Accepted publickey/gm) - 1,
      commands: count(/^Starting session: command/gm) - 1,
      forwarded: count(/^server_request_direct_tcpip:|^debug1: server_request_direct_tcpip:/gm),
    };
  }

  end(): void {
    setSshd(this.host);
  }
}
