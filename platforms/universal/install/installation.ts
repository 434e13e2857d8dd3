import { KumaError, capital } from "../../../kuma";
import type { NamedArchive } from "../../../toolchain/kumaCp/kumaArchive";
import { remove, writeFile } from "../hosts/files";
import { Host, output } from "../hosts/host";
import { Unit, readUnit } from "../unit/look/readUnit";
import { notUp, START_MS, untilUp } from "../unit/untilUp";
import { HostFacts, assertInstallable, isAsWanted, isInstalled, lookAtHost } from "./lookAtHost";
import { PROGRAMS, UPLOAD, dataOf, settingsOf, unitFileOf } from "./places";
import { bringPrograms, programsOf } from "./programs";
import { Service, filesOf } from "./service";

/** Marks the users that were made here: others are left when their unit goes. */
const OUR_USER = "made by kuma-federation";

/** What is installed, and by which archive. */
export interface Installation {
  service: Service;
  /** The official release when left out. */
  archive?: NamedArchive;
}

/** Whether a service is installed as it is to be, and runs. One look. */
export async function isInPlace(host: Host, { service, archive }: Installation): Promise<boolean> {
  const programs = programsOf(archive);
  const facts = await lookAtHost(host, service, programs);
  return isWhole(facts, service, programs);
}

function isWhole(facts: HostFacts, service: Service, programs: string): boolean {
  const files = filesOf(service, programs);
  const isSame = facts.hasPrograms && files.every((file) => isAsWanted(facts, file));
  return isSame && facts.state === "active" && facts.isEnabled;
}

/** Looks, and changes nothing: fails with one sentence where a service that no state knows cannot be installed. */
export async function assertRoom(host: Host, { service, archive }: Installation): Promise<void> {
  const programs = programsOf(archive);
  const facts = await lookAtHost(host, service, programs);
  assertInstallable(host, service, facts);
  if (!isInstalled(facts, service)) return;
  // one whose installation was cut short has what the state holds
  const isOther = filesOf(service, programs).some(
    (file) => file.isTrusted && facts.files[file.path] !== undefined && !isAsWanted(facts, file),
  );
  if (isOther)
    throw new KumaError(
      "conflict",
      `${capital(service.title)} is there already on ${host.title} (${service.unit}), and the state of the stack does not know it: it was lost, or is another one. ` +
        `With a certificate of this stack's each zone that has joined it would be cut off. Nothing of it was changed. ` +
        `Have the stack use the state that made it; or stop that unit and remove ${unitFileOf(service.unit)} there, to begin anew.`,
    );
}

/**
 * Installs a service, or brings one that is there to what it is to be: programs, user, files and unit, each only where it
 * differs. It is restarted where something did, and watched until it `answers`. May be called again at any point.
 */
export async function install(
  host: Host,
  installation: Installation,
  answers: (unit: Unit) => Promise<boolean>,
): Promise<void> {
  const { unit } = installation.service;
  if (!(await inTurn(host, () => started(host, installation)))) return;
  const { restarts } = await readUnit(host, unit);
  await untilUp(host, unit, restarts, answers);
}

/** Whether there was something to do. */
async function started(host: Host, { service, archive }: Installation): Promise<boolean> {
  const { unit } = service;
  const programs = programsOf(archive);
  const facts = await lookAtHost(host, service, programs);
  assertInstallable(host, service, facts);
  if (!facts.hasPrograms) await bringPrograms(host, archive, facts.arch as string);
  if (isWhole(facts, service, programs)) return false;
  await ensureUser(host, service);
  for (const file of filesOf(service, programs)) {
    const { path, content, ...ownership } = file;
    if (!isAsWanted(facts, file)) await writeFile(host, path, content, ownership);
  }
  const script = `
systemctl daemon-reload && systemctl enable --quiet -- "$1" || exit 1
systemctl reset-failed -- "$1" 2>/dev/null
exec systemctl restart -- "$1"`;
  const asRoot = { asRoot: true, changes: true, timeoutMs: START_MS };
  const ran = await host.run(["sh", "-c", script, "sh", unit], asRoot);
  if (ran.status !== 0) throw await notUp(host, unit, "did not start");
  await removeUnused(host);
  return true;
}

const turns = new Map<string, Promise<unknown>>();

/** The engine makes several units at once; on one host they share programs, and one goes after the other. */
async function inTurn<T>(host: Host, work: () => Promise<T>): Promise<T> {
  const turn = (turns.get(host.title) ?? Promise.resolve()).then(work, work);
  turns.set(host.title, turn);
  return turn;
}

/** Takes a service away again, if it is there and belongs to the same owner. Its data goes last, and only when asked. */
export async function uninstall(
  host: Host,
  installation: Installation,
  { removesData = false } = {},
): Promise<void> {
  // a zone proxy gives its connections half a minute to end, in which nobody has to wait for a turn
  await stopped(host, installation);
  await inTurn(host, () => takenAway(host, installation.service, removesData));
}

/**
 * Takes away what a run has left of a unit that did not come to its end; nothing where there is none, or another's. What the
 * unit writes itself is its own only where it was made: a directory of that name may have been there before.
 */
export function uninstallOwn(
  host: Host,
  { archive, ...of }: Pick<Service, "unit" | "title" | "owner" | "user"> & Pick<Installation, "archive">,
  removesData = false,
): Promise<void> {
  const { unit, user } = of;
  const service: Service = { ...of, command: [], files: {}, variables: {}, ports: [] };
  return inTurn(host, async () => {
    const facts = await lookAtHost(host, service, programsOf(archive));
    if (facts.fragment !== "" && !isInstalled(facts, service)) return;
    const there = await placesThere(host, [unitFileOf(unit), settingsOf(unit), PROGRAMS]);
    if (there.some((place) => place !== PROGRAMS)) {
      await stopped(host, { service, ...(archive && { archive }) });
      return takenAway(host, service, removesData);
    }
    if (there.length > 0) await removeUnused(host);
    if (removesData) await forgetUser(host, user);
  });
}

async function placesThere(host: Host, places: readonly string[]): Promise<string[]> {
  const script = 'for f; do [ ! -e "$f" ] || echo "$f"; done';
  const text = await output(host, ["sh", "-c", script, "sh", ...places], "look for what is installed", {
    asRoot: true,
  });
  return text.split("\n").filter(Boolean);
}

/** Fails where the unit is not the one that was installed. */
async function stopped(host: Host, { service, archive }: Installation): Promise<void> {
  const { unit } = service;
  const facts = await lookAtHost(host, service, programsOf(archive));
  if (facts.fragment !== "" && !isInstalled(facts, service))
    throw new KumaError(
      "conflict",
      `Unit ${unit} on ${host.title} is not the one that was installed for ${service.title}, so it was left as it is. ` +
        `Nothing was changed. Look at ${facts.fragment} there; with that gone, run it again.`,
    );
  if (facts.fragment !== "")
    await output(host, ["systemctl", "disable", "--quiet", "--now", "--", unit], `stop ${unit}`, {
      asRoot: true,
      changes: true,
      timeoutMs: START_MS,
    });
}

async function takenAway(host: Host, { unit, user }: Service, removesData: boolean): Promise<void> {
  const settings = settingsOf(unit);
  const directories = [`${unitFileOf(unit)}.d`, settings.replace(/\/[^/]*$/, "")];
  await remove(host, [unitFileOf(unit), settings], directories);
  const script = 'systemctl daemon-reload; systemctl reset-failed -- "$1" 2>/dev/null; exit 0';
  await output(host, ["sh", "-c", script, "sh", unit], "have systemd forget it", {
    asRoot: true,
    changes: true,
  });
  await removeUnused(host);
  if (!removesData) return;
  await remove(host, [dataOf(unit)]);
  await forgetUser(host, user);
}

/** One that was made here, and that nothing runs as any more. */
async function forgetUser(host: Host, user: string): Promise<void> {
  const forget =
    'case "$(getent passwd "$1" | cut -d : -f 5)" in "$2") userdel -- "$1" 2>/dev/null;; esac; exit 0';
  await host.run(["sh", "-c", forget, "sh", user, OUR_USER], { asRoot: true, changes: true });
}

async function ensureUser(host: Host, { user }: Service): Promise<void> {
  const script = `
getent passwd "$1" > /dev/null && exit 0
exec useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin --comment "$2" -- "$1"`;
  await output(host, ["sh", "-c", script, "sh", user, OUR_USER], `make the user ${user}`, {
    asRoot: true,
    changes: true,
  });
}

/** Programs that no unit names go. */
async function removeUnused(host: Host): Promise<void> {
  const script = `
rm -rf -- "$2"
for d in "$1"/*/; do
  d=\${d%/}
  [ -d "$d" ] || continue
  grep -qsF -- "$d/" /etc/systemd/system/*.service || rm -rf -- "$d"
done
rmdir --ignore-fail-on-non-empty -- "$1" 2>/dev/null
exit 0`;
  await output(host, ["sh", "-c", script, "sh", PROGRAMS, UPLOAD], "remove programs that nothing runs", {
    asRoot: true,
    changes: true,
  });
}
