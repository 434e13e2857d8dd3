import * as fs from "node:fs";
import * as path from "node:path";
import {
  ControlPlane,
  KumaError,
  Manifest,
  OnConflict,
  Resource,
  Snapshot,
  assertCarried,
  assertJoinable,
  exchangeMarkers,
  exportFor,
  federatedTo,
  isKumaError,
  isOwnedByZone,
  knownTypes,
  ownExactly,
  putBack,
  readZone,
  removeZone,
  restoreZone,
  untilVerified,
  waitUntilOnline,
} from "../../kuma";
import { shareAdminAccess } from "./adminAccess";
import { ControlPlaneProcess, ProcessSettings } from "./controlPlaneProcess";
import {
  KonnectMembership,
  federationEnvironment,
  hostedBy,
  isFederated,
  konnectEnvironment,
  standaloneEnvironment,
} from "./environment";
import { readIfThere } from "./files";
import {
  forgetKept,
  hasKeptForJoin,
  keepForJoin,
  keepForReturn,
  keptForJoin,
  keptForReturn,
} from "./keptResources";
import { freePortBase } from "./ports";
import { PostgresStore, postgresEnvironment } from "./postgresStore";
import { GLOBAL_API } from "./standaloneZone";

/** Holds the token with which the zone connects with Konnect. */
const ZONE_TOKEN = "cp-token";

export interface JoinArgs {
  zoneName: string;
  zone: ControlPlane;
  process: ControlPlaneProcess;
  global: ControlPlane;
  kdsAddress: string;
  /** What the zone dialled until now, where the stack moves its global. */
  formerKdsAddress?: string;
  kdsCa: string;
  /** Where the global is one in Konnect. */
  konnect?: KonnectMembership;
  onConflict: OnConflict;
  manifest: Manifest;
  snapshot: Snapshot;
}

/**
 * Switches a zone on this machine to its global: a last look that the global holds everything, a restart with the KDS
 * address and the authority to trust, and then, until it is so: online and staying so, everything that the zone owns in
 * its place (a store in memory is empty after the restart), both sides equal. May be called again at any point.
 */
export async function joinGlobal(args: JoinArgs): Promise<{ version: string }> {
  const { zoneName, zone, process, global, kdsAddress, kdsCa, manifest } = args;
  const config = await zone.config();
  assertJoinable(zone, config, zoneName, [kdsAddress, args.formerKdsAddress], global);
  if (federatedTo(config) === undefined) {
    await lastLook(args);
  }
  const settings = settingsOf(process, zoneName);
  process.writeFile(GLOBAL_API, global.reference);
  const caFile = kdsCa === "" ? undefined : process.writeFile("kds-ca.crt", kdsCa);
  const { postgres } = settings;
  const federated = {
    ...settings,
    environment: {
      ...settings.environment,
      ...(postgres && postgresEnvironment(postgres, postgres.federatedDatabase)),
      ...federationEnvironment(kdsAddress, caFile),
      ...(args.konnect && (await enterKonnect(process, zone, args.konnect))),
    },
  };
  if (postgres && !isFederated(settings.environment)) await fillDatabase(args, federated);
  await process.start(federated);

  const { version } = await waitUntilOnline(global, zoneName);
  const kept = keptForJoin(process, args.snapshot);
  if (kept) {
    await putBack(zone, kept, await knownTypes(zone));
    forgetKept(process);
  }
  await untilVerified(global, zone, zoneName, manifest);
  await exchangeMarkers(global, zone, zoneName, manifest);
  return { version: version ?? (await zone.info()).version };
}

/**
 * Fills the database of a zone's federated life, while the zone goes on alone with its own: proxies that met a zone that
 * is still being filled would see meshes without their permissions.
 */
async function fillDatabase(args: JoinArgs, federated: ProcessSettings): Promise<void> {
  const { zoneName, process, global, manifest, snapshot } = args;
  await unseen(process, federated, async (filling) => {
    await waitUntilOnline(global, zoneName);
    await ownExactly(filling, keptForJoin(process, snapshot) ?? snapshot.kept, "federated");
    await untilVerified(global, filling, zoneName, manifest);
    // the zone was in use meanwhile
    await ownExactly(filling, await lastLook(args), "federated");
  });
  // all of it is there: what is deleted in the zone from now on is not to come back
  forgetKept(process);
}

/** That the global holds everything that the zone hands over today; what it goes on owning is kept, and returned. */
async function lastLook({ zoneName, zone, process, global, onConflict }: JoinArgs): Promise<Resource[]> {
  const { carried, kept } = await exportFor(global.hosted !== undefined, global, zone);
  await assertCarried({ carried, kept }, global, zoneName, onConflict);
  keepForJoin(process, kept);
  return kept;
}

/** Writes the zone's token beside it and gives the variables that name it. A control plane reads its token only once. */
async function enterKonnect(
  process: ControlPlaneProcess,
  zone: ControlPlane,
  { token, ...konnect }: KonnectMembership,
): Promise<Record<string, string>> {
  const { version } = await zone.info();
  const isMember = isFederated(process.settings()?.environment ?? {});
  if (isMember && readIfThere(process.file(ZONE_TOKEN)) !== token) await process.stop();
  const systemCaFile = konnect.systemCaFile && path.resolve(konnect.systemCaFile);
  return konnectEnvironment({ ...konnect, systemCaFile }, version, process.writeFile(ZONE_TOKEN, token));
}

/** Whether the zone is switched and nothing of a switch is left to do. */
export async function hasJoined(
  zone: ControlPlane,
  process: ControlPlaneProcess,
  kdsAddress: string,
  konnect?: KonnectMembership,
): Promise<boolean> {
  if (!process.isRunning() || hasKeptForJoin(process)) return false;
  // every control plane of a region in Konnect has the same address
  const isThere =
    konnect === undefined || hostedBy(process.settings()?.environment) === konnect.controlPlaneId;
  return isThere && federatedTo(await zone.config()) === kdsAddress;
}

/**
 * Takes a zone off its global: it runs alone again, on a new store with the meshes, secrets and policies that it had
 * when it was federated, and with what it owns today. Then the global forgets the zone; what was carried stays there.
 * May be called again at any point, and does nothing to a zone that was never switched.
 */
export async function leaveGlobal(
  zoneName: string,
  zone: ControlPlane,
  process: ControlPlaneProcess,
  global: ControlPlane,
  snapshot: Snapshot,
): Promise<void> {
  const settings = process.settings();
  // nothing was ever started here, or everything is removed already
  if (settings === undefined) return;
  await unseenOf(process).remove();
  if (isFederated(settings.environment) || keptForReturn(process)) {
    if (!keptForReturn(process)) {
      // what is in a database is there again once the zone runs
      if (settings.postgres) await process.start(settings);
      const today = async () => (await readZone(zone)).resources.filter(isOwnedByZone);
      const kept = keptForJoin(process, snapshot) ?? (process.isRunning() ? await today() : snapshot.kept);
      keepForReturn(process, kept);
    }
    if (settings.postgres) await startOnFormerDatabase(zoneName, process, settings, settings.postgres);
    else await startOnNewStore(zoneName, zone, process, settings, snapshot);
    fs.rmSync(process.file(ZONE_TOKEN), { force: true });
  }
  forgetKept(process);
  await removeZone(global, zoneName);
}

/** The former database is as it was; what the zone owns today is brought to it, and then its proxies meet it again. */
async function startOnFormerDatabase(
  zoneName: string,
  process: ControlPlaneProcess,
  settings: ProcessSettings,
  postgres: PostgresStore,
): Promise<void> {
  const store = postgresEnvironment(postgres, postgres.database);
  const alone = { ...settings, environment: { ...standaloneEnvironment(zoneName), ...store } };
  if (isFederated(settings.environment)) {
    await unseen(process, alone, (former) => ownExactly(former, keptForReturn(process) ?? [], "alone"));
  }
  await process.start(alone);
}

async function startOnNewStore(
  zoneName: string,
  zone: ControlPlane,
  process: ControlPlaneProcess,
  settings: ProcessSettings,
  snapshot: Snapshot,
): Promise<void> {
  const { KUMA_STORE_TYPE, SANDBOX_PRODUCT } = settings.environment;
  const environment: Record<string, string> = { ...standaloneEnvironment(zoneName), KUMA_STORE_TYPE };
  if (SANDBOX_PRODUCT !== undefined) environment.SANDBOX_PRODUCT = SANDBOX_PRODUCT;
  // the meshes are written back by this program, with their own authorities
  const alone = { ...settings, environment: { ...environment, KUMA_DEFAULTS_SKIP_MESH_CREATION: "true" } };
  const restore = (empty: ControlPlane) =>
    restoreZone(empty, snapshot.originals, keptForReturn(process) ?? snapshot.kept);
  // once beside it, on a store that is thrown away: a zone that cannot be restored is not stopped
  await unseen(process, alone, restore);
  await process.stop();
  process.clearWork();
  await process.start(alone);
  await restore(zone);
}

/**
 * Has a control plane on the store of a zone's next life for the time of `work`, with ports of its own that no data
 * plane proxy knows, beside the zone, which goes on as it is.
 */
async function unseen(
  process: ControlPlaneProcess,
  next: ProcessSettings,
  work: (zone: ControlPlane) => Promise<void>,
): Promise<void> {
  const beside = unseenOf(process);
  // one that a run that was killed has left
  await beside.remove();
  shareAdminAccess(process, beside);
  const title = `${next.title} on its next store`;
  let zone: ControlPlane | undefined;
  try {
    await beside.start({ ...next, title, portBase: await freePortBase() });
    zone = beside.open(title);
    await work(zone);
  } catch (error) {
    await beside.stop();
    if (!isKumaError(error)) throw error;
    const log = beside.file("kuma-cp.log");
    const seen = fs.existsSync(log) ? ` The log of the control plane beside it: ${log}.` : "";
    throw new KumaError(
      error.code,
      `${error.message} Zone ${next.title} goes on as it was, with the store that it has.${seen}`,
    );
  } finally {
    zone?.close();
  }
  await beside.remove();
}

/** Below the files of the zone's own process. */
function unseenOf(process: ControlPlaneProcess): ControlPlaneProcess {
  return new ControlPlaneProcess(process.file("next"));
}

function settingsOf(process: ControlPlaneProcess, zoneName: string) {
  const settings = process.settings();
  if (settings) return settings;
  throw new KumaError(
    "invalid",
    `Zone ${zoneName} was not started by this program: there are no settings in ${process.directory}. Nothing was changed.`,
  );
}
