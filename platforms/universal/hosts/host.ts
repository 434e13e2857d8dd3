import type { Duplex } from "node:stream";
import { KumaError } from "../../../kuma";
import { oneLine } from "../../../kuma/printable";

/** A machine on which a control plane runs. */
export interface Host {
  /** How messages call it, for example "host mesh@zone-a.example.com". */
  readonly title: string;
  /** Commands run on it so far: those that look, and those that change something there. */
  readonly ran: Readonly<Record<"looks" | "changes", number>>;
  /** Runs a program with these arguments, without any shell reading them. Its exit status is the caller's to judge. */
  run(argv: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Copies a file of this machine there (SFTP), for the user alone to read. `to` is on a disk that the user may write to. */
  upload(file: string, to: string): Promise<void>;
  /** A connection from this host to an address, which may be on its own loopback. */
  connect(host: string, port: number): Promise<Duplex>;
  close(): void;
}

export interface RunOptions {
  stdin?: string;
  /** Milliseconds. Default 30,000. */
  timeoutMs?: number;
  /** As root: with `sudo -n`, where the user is another one. */
  asRoot?: boolean;
  /** It changes something there. */
  changes?: boolean;
}

export interface Ran {
  status: number;
  stdout: string;
  stderr: string;
}

/** Runs a program that has to succeed, and gives what it printed. `what` is what it was for: "read its unit". */
export async function output(
  host: Host,
  argv: readonly string[],
  what: string,
  options?: RunOptions,
): Promise<string> {
  const ran = await host.run(argv, options);
  if (ran.status === 0) return ran.stdout;
  throw new KumaError("refused", `Could not ${what} on ${host.title}: ${reasonOf(ran)}.`);
}

/** The last line of what a program complained of. */
export function reasonOf({ status, stderr }: Ran): string {
  const line = stderr.trim().split("\n").at(-1) ?? "";
  return line === "" ? `exit status ${status}` : oneLine(line.slice(0, 300)).replace(/[.\s]+$/, "");
}
