import { KumaError, capital } from "../../../../kuma";
import { parseJson } from "../../../../kuma/api/json";
import { Host, output } from "../../hosts/host";
import { ROOT } from "../places";

/** A unit of systemd and, where it runs, its main process. `variables` may hold secrets: they are shown nowhere. */
export interface Unit {
  name: string;
  /** Loaded from a file of the host's. */
  isLoaded: boolean;
  isActive: boolean;
  /** For example "active (running)". */
  state: string;
  /** How often systemd has started it again by itself. */
  restarts: number;
  /** Another one after each start. */
  invocation: string;
  dropIns: string[];
  user: string;
  /** That user is made for each start, and gone after it. */
  isUserDynamic: boolean;
  /** Its process sees another /var/lib than the host's (`TemporaryFileSystem=`, `RootDirectory=`). */
  isApart: boolean;
  group: string;
  workingDirectory: string;
  /** What it is started with. */
  argv: string[];
  /** Of the setting `Environment=`. */
  environment: string[];
  /** Of `EnvironmentFile=`: what is in a later one wins, and all of it over `Environment=`. */
  environmentFiles: { path: string; isOptional: boolean }[];
  process?: { pid: number; program: string; argv: string[]; variables: Record<string, string> };
  /** Seconds by which the host's clock is ahead of this machine's. */
  clockAhead: number;
  /** What is left on the disks that this program writes to. */
  freeKb: number;
}

/** The first one whose `busctl` speaks JSON (systemd's NEWS, 240). */
const OLDEST_SYSTEMD = 240;
const UNIT = ["LoadState", "ActiveState", "SubState", "DropInPaths", "InvocationID"] as const;
const SERVICE = [
  ...["MainPID", "NRestarts", "User", "Group", "WorkingDirectory"],
  ...["ExecStart", "Environment", "EnvironmentFiles", "DynamicUser"],
] as const;

/** All in one look. What may hold anything comes in base64. */
const LOOK = `
echo "systemd $(systemctl --version 2>/dev/null | head -n 1)"
echo "clock $(date +%s.%N)"
get() { interface=$1; shift; busctl --json=short get-property org.freedesktop.systemd1 "$path" "org.freedesktop.systemd1.$interface" "$@" 2>&1 | base64 -w0; }
kept=${ROOT}; [ -d "$kept" ] || kept=/var/lib
echo "free $(df -Pk "$kept" /etc 2>/dev/null | awk 'NR > 1 && (least == "" || $4 < least) { least = $4 } END { print least }')"
unit=$1 path=$2
echo "unit $(get Unit ${UNIT.join(" ")})"
echo "service $(get Service ${SERVICE.join(" ")})"
pid=$(systemctl show -p MainPID --value -- "$unit" 2>/dev/null)
[ "\${pid:-0}" = 0 ] && exit 0
[ "$(stat -c %d:%i "/proc/$pid/root/var/lib" 2>/dev/null)" = "$(stat -c %d:%i /var/lib)" ] || echo "hidden /var/lib"
echo "program $(readlink "/proc/$pid/exe" | base64 -w0)"
echo "cmdline $(base64 -w0 "/proc/$pid/cmdline")"
echo "environ $(base64 -w0 "/proc/$pid/environ")"
`;

export async function readUnit(host: Host, name: string): Promise<Unit> {
  const path = `/org/freedesktop/systemd1/unit/${busEscaped(name)}`;
  const asked = Date.now();
  const text = await output(host, ["sh", "-c", LOOK, "sh", name, path], `look at ${name}`, { asRoot: true });
  const lines = new Map(text.split("\n").map((line) => splitOnce(line, " ")));
  assertSystemd(host, lines.get("systemd") ?? "");
  const decoded = (key: string) => Buffer.from(lines.get(key) ?? "", "base64").toString("utf8");
  const unit = properties(host, name, UNIT, decoded("unit"));
  if (unit.LoadState === "not-found") throw noSuchUnit(host, name);
  const service = properties(host, name, SERVICE, decoded("service"));
  const program = decoded("program").trim();
  const words = (key: string) => decoded(key).split("\0").filter(Boolean);
  return {
    name,
    isLoaded: unit.LoadState === "loaded",
    isActive: unit.ActiveState === "active",
    state: `${String(unit.ActiveState)} (${String(unit.SubState)})`,
    restarts: Number(service.NRestarts),
    invocation: Buffer.from(unit.InvocationID as number[]).toString("hex"),
    dropIns: unit.DropInPaths as string[],
    user: String(service.User) || "root",
    isApart: lines.has("hidden") && program !== "",
    isUserDynamic: service.DynamicUser === true,
    group: String(service.Group),
    workingDirectory: String(service.WorkingDirectory).replace(/^!/, "") || "/",
    argv: (service.ExecStart as [string, string[]][])[0]?.[1] ?? [],
    environment: service.Environment as string[],
    environmentFiles: (service.EnvironmentFiles as [string, boolean][]).map(([file, isOptional]) => ({
      path: file,
      isOptional,
    })),
    // one that ends, or is not yet what it is to be, has no program
    ...(program !== "" && {
      process: {
        ...{ pid: Number(service.MainPID), program },
        argv: words("cmdline"),
        variables: Object.fromEntries(words("environ").map((each) => splitOnce(each, "="))),
      },
    }),
    freeKb: Number(lines.get("free")),
    clockAhead: clockAhead(asked, Number(lines.get("clock"))),
  };
}

/** Seconds by which a clock is ahead of this machine's; it was asked between `asked` and now. */
export function clockAhead(asked: number, clock: number): number {
  const [sent, come] = [asked, Date.now()].map((ms) => ms / 1000);
  // a look that takes long says less: what it took may be on either way
  return clock > come ? clock - come : clock < sent ? clock - sent : 0;
}

export function assertSystemd(host: Host, version: string): void {
  const number = Number(/^systemd (\d+)/.exec(version)?.[1] ?? NaN);
  if (number >= OLDEST_SYSTEMD) return;
  throw new KumaError(
    "invalid",
    Number.isNaN(number)
      ? `${capital(host.title)} has no systemd, so no unit of it can be switched. Nothing was changed.`
      : `${capital(host.title)} has systemd ${number}; this program needs ${OLDEST_SYSTEMD} or later. Nothing was changed.`,
  );
}

function noSuchUnit(host: Host, name: string): KumaError {
  return new KumaError(
    "notFound",
    `There is no unit ${name} on ${host.title}. Nothing was changed. Name the one that runs kuma-cp there in the setting unit; ` +
      `"systemctl list-units --type=service" lists them.`,
  );
}

/** `busctl` prints a line for each property, in the order in which they were asked for. */
function properties<const Name extends string>(
  host: Host,
  unit: string,
  names: readonly Name[],
  text: string,
): Record<Name, unknown> {
  const values = text
    .trim()
    .split("\n")
    .map((line) => parseJson(line) as { data?: unknown } | undefined);
  if (values.length === names.length && values.every((value) => value?.data !== undefined))
    return Object.fromEntries(names.map((name, index) => [name, values[index]?.data])) as Record<
      Name,
      unknown
    >;
  throw new KumaError(
    "refused",
    `systemd on ${host.title} does not tell what unit ${unit} is (${text.trim().split("\n")[0].slice(0, 200)}). Nothing was changed.`,
  );
}

/** As systemd names the object of a unit on the bus (sd_bus_path_encode). */
export function busEscaped(name: string): string {
  return [...Buffer.from(name)]
    .map((byte, index) => {
      const char = String.fromCharCode(byte);
      const isPlain = /[A-Za-z]/.test(char) || (index > 0 && /[0-9]/.test(char));
      return isPlain ? char : `_${byte.toString(16).padStart(2, "0")}`;
    })
    .join("");
}

function splitOnce(text: string, by: string): [string, string] {
  const at = text.indexOf(by);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
