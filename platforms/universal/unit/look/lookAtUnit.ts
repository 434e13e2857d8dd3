import { ControlPlane, Database, KumaError } from "../../../../kuma";
import { Host } from "../../hosts/host";
import { Configuration, notRunning, readConfiguration } from "./configuration";
import { readFiles } from "../../hosts/files";
import { ROOT, dropInOf, isLater, ownFiles } from "../places";
import { Unit, readUnit } from "./readUnit";

/** A control plane signs what it gives out as of five minutes ago (Kuma v2.14.3, pkg/core/tokens/issuer.go), and so does this program. */
const MOST_CLOCK_S = 4 * 60;
const LEAST_FREE_KB = 16 * 1024;

/** What the switch tells a control plane. */
const SWITCHED = ["KUMA_STORE_POSTGRES_DB_NAME", "KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS"];

/** What a zone on a host is, for whoever switches it. */
export interface UnitFacts {
  product: string;
  version: string;
  /** Of the program on disk, which the next start runs; undefined where it does not tell. */
  versionOnDisk?: string;
  storeType: string;
  /** Where its store is Postgres. */
  database?: Database;
}

/**
 * Looks at a unit that is to be switched, and changes nothing. Fails with one sentence where it could not be switched: no
 * such unit, no kuma-cp, a full disk, a wrong clock, a zone on Postgres without a second database.
 */
export async function lookAtUnit(
  host: Host,
  name: string,
  zone: ControlPlane,
  federatedDatabase: string | undefined,
): Promise<UnitFacts> {
  const unit = await readUnit(host, name);
  const configuration = await readConfiguration(host, unit, ownFiles(name));
  if (!unit.isActive) throw notRunning(host, unit);
  assertFit(host, unit);
  assertSecondDatabase(host, unit, configuration, federatedDatabase);
  assertToldByUnit(host, unit, configuration);
  await assertLastWord(host, unit);
  const [{ product, version }, { database, storeType = configuration.storeType }] = await Promise.all([
    zone.info(),
    zone.config(),
  ]);
  const versionOnDisk = await versionOf(host, configuration);
  return {
    product,
    version,
    storeType,
    ...(versionOnDisk && { versionOnDisk }),
    ...(database && { database }),
  };
}

/** That its control plane can be started anew there. */
export function assertFit(host: Host, unit: Unit): void {
  assertClock(host, unit);
  assertSpace(host, unit);
  assertUser(host, unit);
  assertSeesFiles(host, unit);
}

function assertSeesFiles(host: Host, { name, isApart }: Unit): void {
  if (!isApart) return;
  throw new KumaError(
    "invalid",
    `Unit ${name} on ${host.title} does not see the host's /var/lib, where what it is to read as a member lies (${ROOT}). Nothing was changed. ` +
      `Take that out of its settings (TemporaryFileSystem=, InaccessiblePaths=, RootDirectory=, RootImage=), and run it again.`,
  );
}

/** Files that only the unit's user may read are given to it before it is started. */
function assertUser(host: Host, { name, isUserDynamic }: Unit): void {
  if (!isUserDynamic) return;
  throw new KumaError(
    "invalid",
    `Unit ${name} on ${host.title} runs as a user that systemd makes for each start (DynamicUser=yes), to whom no file can be given before. Nothing was changed. ` +
      `Give it a user of its own (User=, and DynamicUser=no), which also gets what the unit has in /var/lib/private, and run it again.`,
  );
}

/** A certificate or a token that is not valid yet, or any more, for one side only. */
export function assertClock(host: Host, { clockAhead }: Pick<Unit, "clockAhead">): void {
  const seconds = Math.round(clockAhead);
  if (Math.abs(seconds) <= MOST_CLOCK_S) return;
  throw new KumaError(
    "invalid",
    `The clock of ${host.title} is ${Math.abs(seconds)} s ${seconds > 0 ? "ahead of" : "behind"} that of this machine, so certificates and tokens ` +
      `would count as not valid yet, or not any more. Nothing was changed. Set both clocks right (timedatectl set-ntp true).`,
  );
}

function assertSpace(host: Host, { freeKb }: Unit): void {
  if (freeKb >= LEAST_FREE_KB) return;
  throw new KumaError(
    "invalid",
    `The disk of ${host.title} is full: there are ${freeKb} KiB left for ${ROOT} and /etc. Nothing was changed. Make room there, and run it again.`,
  );
}

/** What a script sets that starts kuma-cp, or what was said to the unit after its start: no drop-in reaches the one, and the other is not so yet. */
function assertToldByUnit(host: Host, { name, process }: Unit, { variables, added }: Configuration): void {
  const told = process?.variables ?? {};
  const other = SWITCHED.find(
    (variable) =>
      told[variable] !== undefined && ![variables, added].some((each) => each[variable] === told[variable]),
  );
  if (other === undefined) return;
  throw new KumaError(
    "invalid",
    `The kuma-cp of unit ${name} on ${host.title} runs with another ${other} than the unit says, and this program could not set that. Nothing was changed. ` +
      `Where a script sets it, say it in an EnvironmentFile= of the unit; where it was changed since, restart the unit; then run it again.`,
  );
}

/** Of environment files that set the same, the last one named wins, and an empty `EnvironmentFile=` forgets those before it. */
async function assertLastWord(host: Host, { name, dropIns }: Unit): Promise<void> {
  const later = dropIns.filter(isLater);
  const texts = await readFiles(host, later);
  const other = later.find((_, index) => /^\s*EnvironmentFile\s*=/m.test(texts[index] ?? ""));
  if (other === undefined) return;
  throw new KumaError(
    "invalid",
    `The drop-in ${other} on ${host.title} has an EnvironmentFile= that would win over what this program's says (${dropInOf(name)}), as its name comes later. Nothing was changed. ` +
      `Give it a name that comes before, such as override.conf, and run it again.`,
  );
}

export function assertSecondDatabase(
  host: Host,
  { name }: Pick<Unit, "name">,
  { database }: Configuration,
  federatedDatabase: string | undefined,
): void {
  if (database === undefined || (federatedDatabase !== undefined && federatedDatabase !== database)) return;
  throw new KumaError(
    "invalid",
    `The zone of unit ${name} on ${host.title} keeps what it has in the database ${database}, and cannot be federated in that one. Nothing was changed. ` +
      `Name another one in the setting federatedDatabase, empty and on the same server.`,
  );
}

export async function versionOf(host: Host, { argv: [program] }: Configuration): Promise<string | undefined> {
  const { status, stdout } = await host.run([program, "version"]);
  return status === 0 ? /(\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1] : undefined;
}
