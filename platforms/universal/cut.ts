import { execFile } from "node:child_process";
import * as dns from "node:dns/promises";
import { KumaError } from "../../kuma";
import { plainEnvironment } from "../../toolchain/process/environment";
import type { Ran } from "./hosts/host";

/** A TCP server that is to be reached by nobody. */
export interface Endpoint {
  host: string;
  port: number;
}

/** Runs a program with these arguments as root. */
export type RunAsRoot = (argv: readonly string[]) => Promise<Ran>;

/** A rule of a firewall: the program (`iptables`, `ip6tables`), the chain, and what is matched and done. */
export interface Rule {
  program: string;
  chain: "INPUT" | "OUTPUT";
  match: string[];
}

const WAIT_FOR_LOCK = ["-w", "10"];

/**
 * Rules that drop what a machine sends to a server and what comes back, marked with a comment without spaces. Both ways: the one
 * side would still get what is sent to it otherwise.
 */
export async function rulesAgainst(endpoints: readonly Endpoint[], comment: string): Promise<Rule[]> {
  const rules = await Promise.all(
    endpoints.map(async ({ host, port }): Promise<Rule[]> => {
      const found = await dns.lookup(host.replace(/^\[|\]$/g, ""), { all: true }).catch(() => {
        throw new KumaError("unreachable", `The name ${host} is not known here, so nothing was cut.`);
      });
      return found.flatMap(({ address, family }) => {
        const program = family === 6 ? "ip6tables" : "iptables";
        const rule = (chain: Rule["chain"], end: string, side: string): Rule => ({
          ...{ program, chain },
          match: [
            ...["-p", "tcp", end, address, side, String(port)],
            ...["-m", "comment", "--comment", comment, "-j", "DROP"],
          ],
        });
        return [rule("OUTPUT", "-d", "--dport"), rule("INPUT", "-s", "--sport")];
      });
    }),
  );
  return rules.flat();
}

/** The same for a server on the machine itself: nobody reaches it from outside. */
export function rulesAround(
  ports: readonly number[],
  comment: string,
  programs: readonly string[] = ["iptables", "ip6tables"],
): Rule[] {
  return ports.flatMap((port) =>
    programs.flatMap((program): Rule[] => {
      const rule = (chain: Rule["chain"], side: string): Rule => ({
        ...{ program, chain },
        match: ["-p", "tcp", side, String(port), "-m", "comment", "--comment", comment, "-j", "DROP"],
      });
      return [rule("INPUT", "--dport"), rule("OUTPUT", "--sport")];
    }),
  );
}

function argv({ program, chain, match }: Rule, action: "-C" | "-D" | "-I"): string[] {
  return [program, ...WAIT_FOR_LOCK, action, chain, ...match];
}

/** What checks, deletes or inserts a rule for a shell: nothing in it needs quotes. */
export function ruleText(rule: Rule, action: "-C" | "-D" | "-I"): string {
  return argv(rule, action).join(" ");
}

/** What takes rules away for a shell. */
export function mendingText(rules: readonly Rule[]): string {
  return rules
    .map((rule) => `while ${ruleText(rule, "-C")} 2>/dev/null; do ${ruleText(rule, "-D")}; done`)
    .join("; ");
}

/** Why no link can be cut with these rules; undefined where it can. Changes nothing. */
export async function whyNoCut(rules: readonly Rule[], run: RunAsRoot): Promise<string | undefined> {
  for (const program of new Set(rules.map((rule) => rule.program))) {
    const { status, stderr } = await run([program, ...WAIT_FOR_LOCK, "-S", "OUTPUT"]);
    if (status !== 0)
      return `${program} does not work: ${stderr.trim().split("\n").at(-1) || `status ${status}`}`;
  }
  return undefined;
}

export async function cut(rules: readonly Rule[], run: RunAsRoot): Promise<void> {
  for (const rule of rules) {
    const { status, stderr } = await run(argv(rule, "-I"));
    if (status !== 0) throw new KumaError("refused", `A rule could not be set: ${stderr.trim()}.`);
  }
}

/** Takes rules away, each as often as it is there. */
export async function mend(rules: readonly Rule[], run: RunAsRoot): Promise<void> {
  for (const rule of rules) {
    const removal = argv(rule, "-D");
    while ((await run(argv(rule, "-C"))).status === 0) {
      const { status, stderr } = await run(removal);
      if (status !== 0)
        throw new KumaError(
          "refused",
          `A rule of the drill could not be taken away: ${stderr.trim()}. Take it away with: ${removal.join(" ")}`,
        );
    }
  }
}

/** On this machine, as the user who runs this program. */
export const runHere: RunAsRoot = ([program, ...args]) =>
  new Promise((resolve) => {
    const env = plainEnvironment(process.env);
    // not on the PATH of every user
    env.PATH = `${env.PATH ?? ""}:/usr/sbin:/sbin`;
    execFile(program, args, { env }, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === "number" ? error.code : 127;
      resolve({ status, stdout, stderr: stderr || (error?.message ?? "") });
    });
  });
