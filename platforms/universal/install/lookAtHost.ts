import { createHash } from "node:crypto";
import { KumaError, capital } from "../../../kuma";
import { Host, output } from "../hosts/host";
import { assertClock } from "../unit/look/lookAtUnit";
import { assertSystemd, clockAhead } from "../unit/look/readUnit";
import { PROGRAMS, unitFileOf } from "./places";
import { Service, WantedFile, filesOf, ownerIn } from "./service";

/** What a host is, as far as something is to be installed on it. */
export interface HostFacts {
  systemd: string;
  clockAhead: number;
  /** As Node calls it; undefined for one that Kuma has no release for. */
  arch: string | undefined;
  /** What is left on the disks that programs and settings come to. */
  freeKb: number;
  /** Whether what lies where programs come to may be run. */
  runsPrograms: boolean;
  /** Of the unit, such as "active"; "inactive" where there is none. */
  state: string;
  isEnabled: boolean;
  /** Where systemd has the unit from; empty where there is none. */
  fragment: string;
  /** Of the unit's file. */
  firstLine: string;
  /** Digest, mode and owner of the files that were asked for, by path. */
  files: Record<string, string>;
  /** Whether the directory with its program is there. */
  hasPrograms: boolean;
  /** Ports on which something listens. */
  listening: Set<number>;
}

/** Kuma's programs of one archive, unpacked, with room to unpack the next one. */
const LEAST_FREE_KB = 1024 * 1024;
const ARCHITECTURES: Record<string, string> = { x86_64: "x64", aarch64: "arm64" };

/** All in one look. */
const LOOK = `
unit=$1 programs=$2; shift 2
echo "systemd $(systemctl --version 2>/dev/null | head -n 1)"
echo "clock $(date +%s.%N)"
echo "arch $(uname -m)"
root=\${programs%/*}; [ -d "$root" ] || root=/opt
echo "free $(df -Pk "$root" /etc 2>/dev/null | awk 'NR > 1 && (least == "" || $4 < least) { least = $4 } END { print least }')"
findmnt -n -o OPTIONS -T "$root" 2>/dev/null | tr , '\\n' | grep -qx noexec && echo "noexec $root"
echo "state $(systemctl is-active -- "$unit" 2>/dev/null)"
echo "enabled $(systemctl is-enabled -- "$unit" 2>/dev/null)"
echo "fragment $(systemctl show -p FragmentPath --value -- "$unit" 2>/dev/null)"
echo "first $(head -n 1 "/etc/systemd/system/$unit" 2>/dev/null)"
[ -d "$programs/bin" ] && echo "programs there"
for f; do [ -f "$f" ] && echo "file $(sha256sum < "$f" | cut -d ' ' -f 1) $(stat -c '%a %U:%G' -- "$f") $f"; done
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '$4 == "0A" { split($2, at, ":"); print "listens " at[2] }'
exit 0
`;

export async function lookAtHost(host: Host, service: Service, programs: string): Promise<HostFacts> {
  const asked = Date.now();
  const paths = filesOf(service, programs).map(({ path }) => path);
  const text = await output(
    host,
    ["sh", "-c", LOOK, "sh", service.unit, programs, ...paths],
    `look for ${service.unit}`,
    { asRoot: true },
  );
  const lines = text.split("\n").map((line): [string, string] => {
    const at = line.indexOf(" ");
    return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
  });
  const one = (key: string) => lines.find(([name]) => name === key)?.[1].trim() ?? "";
  const all = (key: string) => lines.filter(([name]) => name === key).map(([, value]) => value);
  return {
    systemd: one("systemd"),
    clockAhead: clockAhead(asked, Number(one("clock"))),
    arch: ARCHITECTURES[one("arch")],
    freeKb: Number(one("free")),
    runsPrograms: one("noexec") === "",
    state: one("state") || "inactive",
    isEnabled: one("enabled") === "enabled",
    fragment: one("fragment"),
    firstLine: one("first"),
    files: Object.fromEntries(
      all("file").map((line) => {
        const [digest, mode, owner, ...path] = line.split(" ");
        return [path.join(" "), `${digest} ${mode} ${owner}`];
      }),
    ),
    hasPrograms: one("programs") !== "",
    listening: new Set(all("listens").map((hex) => parseInt(hex, 16))),
  };
}

/** Whether a file is there as it is to be. */
export function isAsWanted({ files }: HostFacts, { path, content, mode, owner }: WantedFile): boolean {
  return files[path] === `${createHash("sha256").update(content).digest("hex")} ${mode.toString(8)} ${owner}`;
}

/** Whether this program has put the unit there, for whom the service belongs to. */
export function isInstalled({ firstLine }: HostFacts, { owner }: Service): boolean {
  return ownerIn(firstLine) === owner;
}

/** Fails with one sentence where the service cannot be installed, or what is there is another's. */
export function assertInstallable(host: Host, service: Service, facts: HostFacts): void {
  assertSystemd(host, facts.systemd);
  assertClock(host, facts);
  assertNotOthers(host, service, facts);
  if (facts.arch === undefined)
    throw new KumaError(
      "invalid",
      `${capital(host.title)} is of an architecture that Kuma has no programs for (amd64 and arm64 are). Nothing was changed.`,
    );
  if (!facts.runsPrograms)
    throw new KumaError(
      "invalid",
      `${capital(host.title)} runs no program from ${PROGRAMS}, as that is mounted with noexec. Nothing was changed. ` +
        `Mount it there without (mount -o remount,exec, and in /etc/fstab), and run it again.`,
    );
  if (!facts.hasPrograms && facts.freeKb < LEAST_FREE_KB)
    throw new KumaError(
      "invalid",
      `The disk of ${host.title} has ${Math.round(facts.freeKb / 1024)} MiB left for ${PROGRAMS}, and Kuma's programs need ${LEAST_FREE_KB / 1024} MiB. ` +
        `Nothing was changed. Make room there, and run it again.`,
    );
  if (isInstalled(facts, service)) return;
  const taken = service.ports.filter((port) => facts.listening.has(port));
  if (taken.length > 0)
    throw new KumaError(
      "invalid",
      `${capital(service.title)} needs port ${taken.join(", ")} on ${host.title}, where something else listens. Nothing was changed. ` +
        `"ss -ltnp" there tells what; stop it, and run this again.`,
    );
}

function assertNotOthers(host: Host, service: Service, facts: HostFacts): void {
  if (facts.fragment === "" || isInstalled(facts, service)) return;
  const former = ownerIn(facts.firstLine);
  const whose = former === undefined ? "this program has not installed" : `belongs to ${former}`;
  throw new KumaError(
    "conflict",
    `There is a unit ${service.unit} on ${host.title} already (${facts.fragment || unitFileOf(service.unit)}), which ${whose}. Nothing was changed. ` +
      `Give ${service.title} another name in the setting unit; a zone that is there is adopted without the setting install.`,
  );
}
