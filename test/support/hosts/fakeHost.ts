import type { Duplex } from "node:stream";
import type { Host, Ran, RunOptions } from "../../../platforms/universal/hosts/host";

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** How a host's systemd answers, for what a test is about; everything else is that of a zone that runs. */
export interface FakeUnit {
  systemd?: string;
  loadState?: string;
  activeState?: string;
  argv?: string[];
  dropIns?: string[];
  environment?: string[];
  environmentFiles?: [string, boolean][];
  /** Undefined: it does not run. */
  process?: { program: string; argv: string[]; variables?: Record<string, string> };
  clock?: number;
  freeKb?: number;
  isUserDynamic?: boolean;
  isApart?: boolean;
  files?: Record<string, string>;
  version?: string;
}

export const ARGV = ["/usr/local/bin/kuma-cp", "run", "--config-file", "/etc/kuma/kuma-cp.yaml"];

/** A host that answers what is asked of it here, and runs nothing. */
export class FakeHost implements Host {
  readonly title: string = "host mesh@zone-a";
  readonly ran = { looks: 0, changes: 0 };

  constructor(readonly unit: FakeUnit = {}) {}

  async run(argv: readonly string[], { changes = false }: RunOptions = {}): Promise<Ran> {
    this.ran[changes ? "changes" : "looks"]++;
    const text = argv.join(" ");
    const done = (stdout: string): Ran => ({ status: 0, stdout, stderr: "" });
    if (text.includes("busctl")) return done(this.look());
    if (text.includes("base64 -w0 || exit")) return done(this.read(argv.slice(4)));
    if (argv[1] === "version") return done(`Kuma: ${this.unit.version ?? "2.14.3"}\n`);
    throw new Error(`not expected: ${text}`);
  }

  async upload(): Promise<void> {
    throw new Error("not expected");
  }

  async connect(): Promise<Duplex> {
    throw new Error("not expected");
  }

  close(): void {}

  private look(): string {
    const { systemd = "systemd 252 (252.39-1)", loadState = "loaded", activeState = "active" } = this.unit;
    const {
      argv = ARGV,
      environment = [],
      environmentFiles = [],
      freeKb = 1_000_000,
      isUserDynamic = false,
    } = this.unit;
    const { clock = Date.now() / 1000, process = { program: argv[0], argv } } = this.unit;
    const lines = (...values: unknown[]) => base64(values.map((data) => JSON.stringify({ data })).join("\n"));
    const word = (text: string) => base64(text);
    const isRunning = activeState === "active";
    return [
      `systemd ${systemd}`,
      `clock ${clock}`,
      `free ${freeKb}`,
      `unit ${lines(loadState, activeState, isRunning ? "running" : "dead", this.unit.dropIns ?? [], [1, 171])}`,
      `service ${lines(isRunning ? 42 : 0, 0, "kuma-cp", "", "", [[argv[0], argv, false]], environment, environmentFiles, isUserDynamic)}`,
      ...(isRunning
        ? [
            ...(this.unit.isApart ? ["hidden /var/lib"] : []),
            `program ${word(`${process.program}\n`)}`,
            `cmdline ${word(`${process.argv.join("\0")}\0`)}`,
            `environ ${word(
              Object.entries(process.variables ?? {})
                .map(([name, value]) => `${name}=${value}\0`)
                .join(""),
            )}`,
          ]
        : []),
      "",
    ].join("\n");
  }

  private read(paths: readonly string[]): string {
    const { files = {} } = this.unit;
    return paths.map((path) => `${path in files ? base64(files[path]) : "-"}\n`).join("");
  }
}
