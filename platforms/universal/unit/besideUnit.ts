import { ControlPlane, KumaError, isKumaError } from "../../../kuma";
import { until } from "../../../kuma/until";
import { Host, output, reasonOf } from "../hosts/host";
import { remove, writeFile } from "../hosts/files";
import { Ports, portsFrom } from "../ports";
import { portVariables } from "../environment";
import type { Configuration } from "./look/configuration";
import { environmentFile } from "./look/environmentFile";
import { HostedApi } from "./look/openUnit";
import { directoryOf } from "./places";
import { Unit } from "./look/readUnit";
import type { UnitSettings } from "./unitSettings";

const START_MS = 60_000;

/** The one that runs beside a unit for a while. systemd forgets it when it has ended. */
const nameOf = (unit: string) => `kuma-federation-next-${unit}`;
const directoryOfNext = (unit: string) => `${directoryOf(unit)}/next`;

/**
 * Has a control plane on the store of a zone's next life for the time of `work`, with ports of its own that no data plane
 * proxy knows, beside the unit, which goes on as it is. It has the unit's program, user and variables.
 */
export async function besideUnit(
  host: Host,
  unit: Unit,
  { argv, variables }: Configuration,
  next: UnitSettings,
  work: (zone: ControlPlane) => Promise<void>,
): Promise<void> {
  await removeBeside(host, unit.name);
  const directory = directoryOfNext(unit.name);
  const ports = portsFrom(await freePortBase(host));
  const environment = {
    ...variables,
    ...portVariables(ports),
    ...next.environment,
    KUMA_GENERAL_WORK_DIR: `${directory}/work`,
    ...(next.storeType === "memory" && { KUMA_STORE_TYPE: "memory" }),
  };
  // systemd reads it as root: nobody else need
  await writeFile(host, `${directory}/variables.env`, environmentFile(environment));
  const owner = `${unit.user}${unit.group === "" ? "" : `:${unit.group}`}`;
  await output(
    host,
    [
      "install",
      "-d",
      "-m",
      "700",
      "-o",
      unit.user,
      ...(unit.group ? ["-g", unit.group] : []),
      `${directory}/work`,
    ],
    `make a directory for ${owner}`,
    { asRoot: true, changes: true },
  );
  const run = ["systemd-run", "--quiet", "--collect", ...propertiesOf(unit, directory)];
  if (next.postgres) await migrate(host, run, argv, next);
  let zone: ControlPlane | undefined;
  try {
    await output(
      host,
      [...run, `--unit=${nameOf(unit.name)}`, "--", ...argv],
      "start a control plane beside the zone's",
      {
        asRoot: true,
        changes: true,
      },
    );
    zone = await opened(host, ports, `${next.title} on its next store`);
    await work(zone);
  } catch (error) {
    if (!isKumaError(error)) throw error;
    const said = await lastError(host, unit.name);
    throw new KumaError(
      error.code,
      `${error.message}${said} The zone of ${next.title} goes on as it was, with the store that it has.`,
    );
  } finally {
    zone?.close();
    await removeBeside(host, unit.name);
  }
}

export async function removeBeside(host: Host, unit: string): Promise<void> {
  const script = `
if systemctl list-units --all --plain --no-legend -- "$1" | grep -q .; then echo unit; fi
if [ -e "$2" ]; then echo files; fi`;
  const there = await output(
    host,
    ["sh", "-c", script, "sh", nameOf(unit), directoryOfNext(unit)],
    "look for a control plane beside the zone's",
    {
      asRoot: true,
    },
  );
  if (there.includes("unit")) {
    await host.run(["systemctl", "stop", "--", nameOf(unit)], {
      asRoot: true,
      changes: true,
      timeoutMs: START_MS,
    });
    await host.run(["systemctl", "reset-failed", "--", nameOf(unit)], { asRoot: true, changes: true });
  }
  if (there.includes("files")) await remove(host, [directoryOfNext(unit)]);
}

function propertiesOf(unit: Unit, directory: string): string[] {
  const properties = {
    User: unit.user,
    Group: unit.group,
    WorkingDirectory: unit.workingDirectory,
    EnvironmentFile: `${directory}/variables.env`,
  };
  return Object.entries(properties)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `--property=${name}=${value}`);
}

/** Brings the tables of the next database to what this `kuma-cp` wants; does nothing where they are so. */
async function migrate(
  host: Host,
  run: string[],
  argv: string[],
  { title, postgres }: UnitSettings,
): Promise<void> {
  const command = argv.map((word) => (word === "run" ? ["migrate", "up"] : [word])).flat();
  const ran = await host.run([...run, "--wait", "--pipe", "--", ...command], {
    asRoot: true,
    changes: true,
    timeoutMs: START_MS,
  });
  if (ran.status === 0) return;
  const told = ran.stderr.split("\n").find((line) => line.startsWith("Error: "));
  throw new KumaError(
    "unreachable",
    `The database of the next life of ${title} could not be prepared (${told ?? reasonOf(ran)}), so it was not switched. ` +
      `Check that the databases ${postgres?.database} and ${postgres?.federatedDatabase} exist, and that its user may create tables in them.`,
  );
}

async function opened(host: Host, ports: Ports, title: string): Promise<ControlPlane> {
  const zone = new HostedApi(host, { address: "127.0.0.1", port: ports.api, basePath: "" }, { title });
  const why = async () => {
    try {
      await zone.info();
      await zone.getJson("/globalsecrets/admin-user-token", "its admin token");
      return undefined;
    } catch (error) {
      if (isKumaError(error, "unreachable", "notFound")) return error;
      throw error;
    }
  };
  try {
    const left = await until(why, {
      deadlineMs: START_MS,
      everyMs: 250,
      isThere: (seen) => seen === undefined,
    });
    if (left) throw left;
    return zone;
  } catch (error) {
    zone.close();
    throw error;
  }
}

async function lastError(host: Host, unit: string): Promise<string> {
  const ran = await host.run(["journalctl", "-u", nameOf(unit), "-o", "cat", "--no-pager", "-n", "50"], {
    asRoot: true,
  });
  const line = ran.stdout
    .split("\n")
    .filter((each) => /\bERROR\b|^Error: /.test(each))
    .at(-1);
  return line === undefined ? "" : ` The control plane beside it says: ${line.slice(0, 400)}.`;
}

/** A base from which all ports of a control plane are free there; below those that systems give to outgoing connections. */
async function freePortBase(host: Host): Promise<number> {
  const text = await output(host, ["cat", "/proc/net/tcp", "/proc/net/tcp6"], "look for free ports");
  const used = new Set(
    [...text.matchAll(/^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) /gm)].map(([, hex]) => parseInt(hex, 16)),
  );
  for (;;) {
    const base = 10_000 + Math.floor(Math.random() * 220) * 100;
    if (Object.values(portsFrom(base)).every((port) => !used.has(port))) return base;
  }
}
