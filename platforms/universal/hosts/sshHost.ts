import type { Duplex } from "node:stream";
import type { ClientChannel } from "ssh2";
import { KumaError, capital } from "../../../kuma";
import { oneLine } from "../../../kuma/printable";
import { Host, Ran, RunOptions } from "./host";
import { SessionRefused, Sessions, isOneTooMany } from "./sessions";
import { SshAccess, titleOf } from "./sshAccess";
import { SshConnection, connectSsh, noAnswer } from "./sshConnection";

const RUN_MS = 30_000;
const CHANNEL_MS = 15_000;
/** Without a part of a file that has come there: hundreds of megabytes over a slow line take their time. */
const UPLOAD_SILENCE_MS = 60_000;
/** Larger than what any program prints that is run here. */
const MOST_OUTPUT = 512 * 1024 * 1024;

/** A host over SSH: one connection for everything, made when it is first wanted, and again when it broke meanwhile. */
export class SshHost implements Host {
  readonly title: string;
  readonly ran = { looks: 0, changes: 0 };
  private connecting: Promise<SshConnection> | undefined;
  private root: Promise<boolean> | undefined;
  private readonly sessions = new Sessions();
  private held = false;
  private closed = false;

  constructor(readonly access: SshAccess) {
    this.title = titleOf(access);
  }

  async run(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
    const { asRoot = false, changes = false } = options;
    // messages that are looked at are in English
    const words = ["env", "LC_ALL=C", ...argv];
    const command = asRoot && !(await this.isRoot()) ? ["sudo", "-n", "--", ...words] : words;
    this.ran[changes ? "changes" : "looks"]++;
    const ran = await this.exec(command, options);
    if (command !== words) assertSudo(this, ran);
    return ran;
  }

  async upload(file: string, to: string): Promise<void> {
    this.ran.changes++;
    const what = `${to} was not written, nothing of it came there`;
    await this.sessions.run(async () => {
      const connection = await this.connection();
      const { client } = connection;
      await this.within<void>(connection, UPLOAD_SILENCE_MS, what, false, (resolve, reject, moves) => {
        const failed = ({ message }: Error) =>
          reject(
            new KumaError(
              "refused",
              `${to} could not be written on ${this.title} over SFTP: ${message}. Is its disk full, or SFTP not allowed there (Subsystem sftp in sshd_config)? Make that right, and run it again.`,
            ),
          );
        client.sftp((error, sftp) => {
          if (error) return isOneTooMany(error) ? reject(this.refused(error)) : failed(error);
          sftp.fastPut(file, to, { mode: 0o600, step: moves }, (broken) => {
            sftp.end();
            if (broken) failed(broken);
            else resolve();
          });
        });
      });
    });
  }

  async connect(host: string, port: number): Promise<Duplex> {
    const connection = await this.connection();
    const { client } = connection;
    let isOver = false;
    // another machine may be silent while this one is well, and answer when nobody waits for it any more
    const isOthers = !isLoopback(host);
    const what = `no answer from ${host}:${port}`;
    const connecting = this.within<Duplex>(connection, CHANNEL_MS, what, isOthers, (resolve, reject) => {
      client.forwardOut("127.0.0.1", 0, host, port, (error, channel) => {
        if (!error) return isOver ? void channel.destroy() : resolve(channel);
        // SSH_OPEN_ADMINISTRATIVELY_PROHIBITED (RFC 4254, 5.1)
        const isForbidden = (error as { reason?: unknown }).reason === 1;
        reject(
          isForbidden
            ? new KumaError(
                "forbidden",
                `The SSH server of ${this.title} forwards no connections, so the API of its control plane cannot be reached. Nothing was changed. ` +
                  `Allow it there for this user: AllowTcpForwarding local in sshd_config.`,
              )
            : new KumaError("unreachable", `${host}:${port} does not answer to ${this.title}`),
        );
      });
    });
    return connecting.finally(() => (isOver = true));
  }

  /** Whether this process waits for it before it ends. */
  hold(isHeld: boolean): void {
    this.held = isHeld;
    this.connecting?.then((connection) => connection.hold(isHeld)).catch(() => {});
  }

  close(): void {
    this.closed = true;
    this.connecting?.then((connection) => connection.end()).catch(() => {});
  }

  private isRoot(): Promise<boolean> {
    this.root ??= this.exec(["id", "-u"], {}).then(
      ({ stdout }) => stdout.trim() === "0",
      (error: unknown) => {
        this.root = undefined;
        throw error;
      },
    );
    return this.root;
  }

  private connection(): Promise<SshConnection> {
    if (this.closed) throw new KumaError("cancelled", "The operation was cancelled.");
    if (this.connecting) return this.connecting;
    const connecting = connectSsh(this.access);
    this.connecting = connecting;
    const forget = () => {
      if (this.connecting === connecting) this.connecting = undefined;
    };
    connecting.then((connection) => {
      connection.hold(this.held);
      connection.client.on("close", forget);
    }, forget);
    return connecting;
  }

  private async exec(argv: readonly string[], { stdin = "", timeoutMs = RUN_MS }: RunOptions): Promise<Ran> {
    const what = `${argv.find((word) => !/^(sudo|-n|--|env|LC_ALL=C)$/.test(word))} did not end`;
    return this.sessions.run(async () => {
      const connection = await this.connection();
      const { client } = connection;
      return this.within(connection, timeoutMs, what, false, (resolve, reject) => {
        client.exec(commandLine(argv), (error, channel) => {
          if (error) reject(this.refused(error));
          else collect(channel, stdin, resolve, () => reject(noAnswer(this.title, "the connection broke")));
        });
      });
    });
  }

  private refused(error: Error): Error {
    const told = noAnswer(this.title, error.message);
    return isOneTooMany(error) ? new SessionRefused(told) : told;
  }

  /**
   * A connection on which something does not come in time is given up, so that what follows makes a new one; but not where it is
   * another machine that does not answer.
   */
  private async within<T>(
    { client, giveUp }: SshConnection,
    ms: number,
    what: string,
    isOthers: boolean,
    work: (resolve: (value: T) => void, reject: (error: Error) => void, moves: () => void) => void,
  ): Promise<T> {
    let end = () => {};
    try {
      return await new Promise<T>((resolve, reject) => {
        const late = () => {
          const tooLate = `${what} within ${Math.round(ms / 1000)} s`;
          if (isOthers) return reject(new KumaError("unreachable", `${this.title} got ${tooLate}`));
          reject(noAnswer(this.title, tooLate));
          this.connecting = undefined;
          giveUp();
        };
        const timer = setTimeout(late, ms);
        const broken = () => reject(noAnswer(this.title, "the connection broke"));
        client.once("close", broken);
        end = () => (clearTimeout(timer), client.off("close", broken));
        try {
          work(resolve, reject, () => void timer.refresh());
        } catch (error) {
          // the connection is gone, and nobody was told yet
          reject(noAnswer(this.title, (error as Error).message));
        }
      });
    } finally {
      end();
    }
  }
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

function collect(channel: ClientChannel, stdin: string, done: (ran: Ran) => void, broken: () => void): void {
  const parts = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  let size = 0;
  let status: number | undefined;
  const keep = (kind: keyof typeof parts) => (part: Buffer) => {
    size += part.length;
    if (size > MOST_OUTPUT) channel.close();
    else parts[kind].push(part);
  };
  channel.on("data", keep("stdout"));
  channel.stderr.on("data", keep("stderr"));
  // ended by a signal, it has no status
  channel.on("exit", (code: number | null) => (status = code ?? 255));
  channel.on("error", broken);
  channel.on("close", () => {
    if (status === undefined) return broken();
    const [stdout, stderr] = [parts.stdout, parts.stderr].map((all) => Buffer.concat(all).toString("utf8"));
    done({ status, stdout: printedIn(stdout), stderr });
  });
  channel.end(stdin);
}

/** sudo says with its own name what it does not allow; a program that fails says it with its own. */
function assertSudo(host: SshHost, { status, stderr }: Ran): void {
  if (status !== 1 || !/^sudo: /m.test(stderr)) return;
  const [, said] = /^sudo: (.*)$/m.exec(stderr) ?? [];
  throw new KumaError(
    "forbidden",
    `${capital(host.title)}: user ${host.access.user} may not become root without a password (sudo -n: ${oneLine(said.slice(0, 200))}). Nothing was changed by this step. ` +
      `Allow it in /etc/sudoers.d (NOPASSWD, and no requiretty), or log in as a user who may.`,
  );
}

/** What a program prints begins after this line: before it is what the login shell's own files print. */
const BEGIN = "kuma-federation-begin";

function printedIn(stdout: string): string {
  const at = `\n${stdout}`.indexOf(`\n${BEGIN}\n`);
  return at < 0 ? stdout : stdout.slice(at + BEGIN.length + 1);
}

/**
 * SSH carries one text, which the login shell of the user reads (RFC 4254, 6.5). Shells do not agree on what stands between
 * quotes (csh, fish), so they get nothing that they could read, and `sh` takes it from there: each argument is a word of its
 * own, whatever is in it.
 */
export function commandLine(argv: readonly string[]): string {
  const words = argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  const encoded = Buffer.from(words).toString("base64");
  return `sh -c 'echo ${BEGIN}; eval "exec $(echo ${encoded} | base64 -d)"'`;
}
