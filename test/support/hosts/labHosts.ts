import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { SshAccess } from "../../../platforms/universal/hosts/sshAccess";

const DIRECTORY = path.join(process.env.KLAB_HOME ?? path.join(os.homedir(), ".cache", "klab"), "hosts");
const FIRST = 21;

/** A host of the lab (docs/hosts.md): real systemd and sshd, reached over SSH alone. */
export interface LabHost {
  name: string;
  address: string;
  access: SshAccess;
  /** Runs a shell's text there as root, not by what is tested. */
  shell(text: string, stdin?: string): string;
}

/** The hosts that the variable KLAB_HOSTS names, with commas between; undefined where it does not name as many. */
export function labHosts(count: number): LabHost[] | undefined {
  const names = (process.env.KLAB_HOSTS ?? "").split(",").filter(Boolean);
  return names.length < count ? undefined : names.slice(0, count).map(labHost);
}

/** Why what needs hosts is skipped; undefined where it is not. */
export function whyNoLab(hosts: readonly LabHost[] | undefined, count = 3): string | undefined {
  if (!hosts) return `KLAB_HOSTS does not name ${count} hosts of the lab`;
  return process.env.KUMA_CP ? undefined : "KUMA_CP names no kuma-cp for them";
}

function labHost(name: string): LabHost {
  const order = fs.readFileSync(path.join(DIRECTORY, "names"), "utf8").split("\n").indexOf(name);
  const address = `10.90.0.${FIRST + order}`;
  const known = fs.readFileSync(path.join(DIRECTORY, "known_hosts"), "utf8").split("\n");
  const key = path.join(DIRECTORY, "id_ed25519");
  const hostKey = known.find((line) => line.startsWith(`${address} `)) ?? "";
  const options = [
    "-i",
    key,
    "-o",
    `UserKnownHostsFile=${path.join(DIRECTORY, "known_hosts")}`,
    "-o",
    "BatchMode=yes",
  ];
  return {
    name,
    address,
    access: { host: address, user: "mesh", privateKey: fs.readFileSync(key, "utf8"), hostKey },
    shell: (text, stdin = "") =>
      execFileSync("ssh", [...options, `mesh@${address}`, "sudo", "sh", "-s"], {
        input: `${text}\n${stdin}`,
        encoding: "utf8",
        stdio: ["pipe", "pipe", "pipe"],
      }),
  };
}

const SSHD_SETTING = "/etc/ssh/sshd_config.d/kuma-federation-test.conf";

/** Has a host's SSH server go by a line of settings, or by none of a test's; while it reads them it answers nobody. */
export function setSshd(host: LabHost, line?: string): void {
  const written = line === undefined ? `rm -f ${SSHD_SETTING}` : `echo '${line}' > ${SSHD_SETTING}`;
  host.shell(`${written}; systemctl reload ssh; sleep 0.5
until ssh-keyscan -T 1 -t ed25519 127.0.0.1 2>/dev/null | grep -q .; do sleep 0.1; done`);
}

/** Takes a host off the network, or puts it back. */
export function network({ address }: LabHost, state: "up" | "down"): void {
  execFileSync("ip", ["link", "set", `klab-h${address.split(".")[3]}`, state]);
}

/** Why hosts cannot be switched off and on; undefined where they can. */
export function whyNoPower(): string | undefined {
  return process.env.KLAB_HOSTS_SH ? undefined : "KLAB_HOSTS_SH does not name the lab's hosts.sh";
}

/** Has a host lose its power, or start again. */
export function power({ name }: LabHost, state: "on" | "off"): void {
  const lab = (...args: string[]) =>
    execFileSync(process.env.KLAB_HOSTS_SH as string, args, { stdio: "pipe" });
  if (state === "on") return void lab("up", name);
  try {
    lab("exec", name, "systemctl", "poweroff", "-ff");
    // one that is about to go would count as one that runs
    for (;;) lab("exec", name, "sleep", "0.1");
  } catch {
    // the command goes with the host, and finds none then
  }
}
