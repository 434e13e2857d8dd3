import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { plainEnvironment } from "../../toolchain/process/environment";
import { until } from "../../kuma/until";

const CERTIFICATE = "work/kuma-cp.crt";
const KEY = "work/kuma-cp.key";
const PIPE = "dp-server.key";
const READABLE_EVERY_MS = 50;

/**
 * Lets data plane proxies in last. A control plane whose store was empty at its start would give them a mesh without its
 * permissions, and services without proxies. So it finds a named pipe in place of the private key of its data plane
 * server: it opens the port of that server once it has read the key (Kuma v2.14.3, pkg/dp-server/server/server.go), which
 * is written when the store is full. Until then proxies go on with what they know, and try again.
 *
 * The pipe lies on disk, so that any later run sees that proxies are still to be let in.
 */
export class ProxyGate {
  constructor(private readonly directory: string) {}

  isClosed(): boolean {
    return fs.lstatSync(this.file(PIPE), { throwIfNoEntry: false })?.isFIFO() ?? false;
  }

  /**
   * To be called before the start; gives the variables that the control plane is to be started with. None where it has
   * no certificate yet: no proxy knows it then. Nor where the system has no named pipes.
   */
  close(): Record<string, string> {
    this.forget();
    if (![CERTIFICATE, KEY].every((name) => fs.existsSync(this.file(name)))) return {};
    try {
      execFileSync("mkfifo", ["-m", "600", this.file(PIPE)], {
        stdio: "ignore",
        env: plainEnvironment(process.env),
      });
    } catch {
      return {};
    }
    return {
      KUMA_DP_SERVER_TLS_CERT_FILE: this.file(CERTIFICATE),
      KUMA_DP_SERVER_TLS_KEY_FILE: this.file(PIPE),
    };
  }

  /** Hands the key over; `isRunning` tells whether the control plane is there to take it. False where it is not. */
  async open(isRunning: () => boolean): Promise<boolean> {
    if (!this.isClosed()) return isRunning();
    const pipe = this.file(PIPE);
    // of a killed one a thread may still read for a moment
    const look = () => (isRunning() ? { writer: writerOf(pipe) } : undefined);
    const reader = await until(look, {
      deadlineMs: Infinity,
      everyMs: READABLE_EVERY_MS,
      isThere: (seen) => seen === undefined || seen.writer !== undefined,
    });
    const writer = reader?.writer;
    if (writer === undefined) return false;
    try {
      // the key is read twice (net/http, ServeTLS): the second time from the file itself
      fs.symlinkSync(this.file(KEY), `${pipe}.new`);
      fs.renameSync(`${pipe}.new`, pipe);
      fs.writeSync(writer, fs.readFileSync(this.file(KEY)));
    } finally {
      fs.closeSync(writer);
    }
    return true;
  }

  forget(): void {
    for (const name of [PIPE, `${PIPE}.new`]) fs.rmSync(this.file(name), { force: true });
  }

  private file(name: string): string {
    return path.join(this.directory, name);
  }
}

/** The end to write to; undefined as long as nobody reads. */
function writerOf(pipe: string): number | undefined {
  try {
    return fs.openSync(pipe, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENXIO") return undefined;
    throw error;
  }
}
