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
  keyOf,
  knownTypes,
  ownExactly,
  putBack,
  readZone,
  untilVerified,
  verifyZone,
  waitUntilOnline,
  Sides,
} from "../../../kuma";
import { OnFailedSwitch, afterFailedSwitch, tellsOfZone } from "../../failedSwitch";
import { besideZone } from "./beside";
import { ControlPlaneProcess, ProcessSettings } from "../controlPlaneProcess";
import {
  KonnectMembership,
  federationEnvironment,
  hostedBy,
  isFederated,
  konnectEnvironment,
} from "../environment";
import { readIfThere } from "../files";
import { forgetKept, hasKeptForJoin, keepForJoin, keptForJoin, keptForReturn } from "./keptResources";
import { logFrom } from "../logLines";
import { postgresEnvironment } from "../postgresStore";
import { proxiesToComeBack } from "../proxies";
import { GLOBAL_API } from "./standaloneZone";
import { ZONE_TOKEN, leaveGlobal } from "./zoneReturn";
import { until } from "../../../kuma/until";

export interface JoinArgs extends Sides {
  process: ControlPlaneProcess;
  kdsAddress: string;
  /** What the zone dialled until now, where the stack moves its global. */
  formerKdsAddress?: string;
  kdsCa: string;
  /** Where the global is one in Konnect. */
  konnect?: KonnectMembership;
  onConflict: OnConflict;
  onFailedSwitch: OnFailedSwitch;
  manifest: Manifest;
  snapshot: Snapshot;
  /** Meshes that the global had lost and has got again: the zone has lost what it owned in them. */
  lostMeshes?: readonly string[];
}

/**
 * Switches a zone on this machine to its global: a last look that the global holds everything, a restart with the KDS
 * address and the authority to trust, and then, until it is so: online and staying so, everything that the zone owns in
 * its place (a store in memory is empty after the restart), both sides equal. Where the store is empty at first, data
 * plane proxies meet the zone only then. May be called again at any point.
 */
export async function joinGlobal(args: JoinArgs): Promise<{ version: string }> {
  const { zoneName, zone, process, global } = args;
  const config = await zone.config();
  assertJoinable(zone, config, zoneName, [args.kdsAddress, args.formerKdsAddress], global);
  const comeBack = await proxiesToComeBack(zoneName, zone, process);
  const wasAlone = federatedTo(config) === undefined;
  if (wasAlone) await lastLook(args);
  const settings = settingsOf(process, zoneName);
  const isSwitch = wasAlone || hasKeptForJoin(process);
  const hasLostMesh = (args.lostMeshes ?? []).length > 0;
  if (hasLostMesh && !isSwitch) keepForJoin(process, await ownedBefore(args));
  const log = logFrom(process);
  try {
    await startFederated(args, settings, wasAlone);
    const version = await untilJoined(args);
    await comeBack();
    return { version };
  } catch (error) {
    if (!isKumaError(error)) throw error;
    if (!isSwitch) throw await asItWas(args, error);
    throw await afterFailure(args, error, log);
  }
}

/** Has the zone run with the address of its global; does nothing where it does so, and both sides are equal. */
async function startFederated(args: JoinArgs, settings: ProcessSettings, wasAlone: boolean): Promise<void> {
  const { zoneName, zone, process, global, kdsAddress, kdsCa, konnect } = args;
  process.writeFile(GLOBAL_API, global.reference);
  const caFile = kdsCa === "" ? undefined : process.writeFile("kds-ca.crt", kdsCa);
  const { postgres } = settings;
  const formerToken = readIfThere(process.file(ZONE_TOKEN));
  const federated = {
    ...settings,
    environment: {
      ...settings.environment,
      ...(postgres && postgresEnvironment(postgres, postgres.federatedDatabase)),
      ...federationEnvironment(kdsAddress, caFile),
      ...(konnect && (await enterKonnect(process, zone, konnect))),
    },
  };
  if (postgres && wasAlone) await fillDatabase(args, federated);
  const losesStore = settings.environment.KUMA_STORE_TYPE === "memory";
  if (formerToken === konnect?.token && process.runsWith(federated)) {
    const isWhole = hasKeptForJoin(process) ? (args.lostMeshes ?? []).length === 0 : await isEqualSoon(args);
    if (isWhole) return;
    console.log(
      `zone ${zoneName}: it is connected and does not have all that its global gives; its control plane is restarted, so that it asks for everything`,
    );
  }
  if (losesStore && !hasKeptForJoin(process)) keepForJoin(process, await ownedBy(zone));
  console.log(`zone ${zoneName}: its control plane is restarted as a member of the global`);
  // a control plane reads its token only once, and asks again for what it lacks only when it is new
  await process.start(federated, { holdProxies: losesStore, anew: true });
}

async function ownedBy(zone: ControlPlane): Promise<Resource[]> {
  return (await readZone(zone)).resources.filter(isOwnedByZone);
}

/** What the zone owns, and what it owned when it was federated in meshes that its global had lost. */
async function ownedBefore({ zone, snapshot, lostMeshes = [] }: JoinArgs): Promise<Resource[]> {
  const today = await ownedBy(zone);
  const there = new Set(today.map(keyOf));
  const isLost = (each: Resource) => lostMeshes.includes(each.mesh ?? "") && !there.has(keyOf(each));
  return [...today, ...snapshot.kept.filter(isLost)];
}

/** Milliseconds for a change that is under way to arrive, before a zone that lacks it is started anew. */
const UNDER_WAY_MS = 10_000;

async function isEqualSoon(args: JoinArgs): Promise<boolean> {
  // a zone that is offline, or a global that lost what was carried, is not mended by a restart
  const isEqual = async () => (await verifyZone(args, args.manifest)).zone.globalToZone !== false;
  return until(isEqual, { deadlineMs: UNDER_WAY_MS, everyMs: 1_000, isThere: Boolean });
}

/** Waits until the zone is a member with all that it had, and lets data plane proxies in. Gives the zone's version. */
async function untilJoined(args: JoinArgs): Promise<string> {
  const { zoneName, zone, process, global, manifest, snapshot } = args;
  // the sooner it has what it owns again, the less of the copies is deleted on the global and in other zones
  await waitUntilOnline(global, zoneName, { samples: 1, intervalMs: 250 });
  const kept = keptForJoin(process, snapshot);
  if (kept) await putBack(zone, kept, await knownTypes(zone));
  const { version } = await waitUntilOnline(global, zoneName);
  console.log(`zone ${zoneName}: online; both sides are compared until they are equal`);
  await untilVerified(args, manifest);
  await process.admitProxies();
  forgetKept(process);
  console.log(`zone ${zoneName}: both sides are equal; a policy that no proxy matches crosses each way`);
  await exchangeMarkers(args, manifest);
  return version ?? (await zone.info()).version;
}

/** A member that lacks something still goes on serving its proxies with what it has, once it has what it owns. */
async function asItWas({ zone, process, snapshot }: JoinArgs, error: KumaError): Promise<KumaError> {
  if (!process.holdsProxies) return error;
  try {
    await putBack(zone, keptForJoin(process, snapshot) ?? [], await knownTypes(zone));
    await process.admitProxies();
    return error;
  } catch (next) {
    if (!isKumaError(next)) throw next;
    return new KumaError(
      error.code,
      `${error.message} Its data plane proxies go on with the configuration that they have until the next run: ${next.message}`,
    );
  }
}

/** Takes the zone back, or leaves it, where what failed tells of the zone. Gives the error to throw. */
async function afterFailure(args: JoinArgs, error: KumaError, log: () => string[]): Promise<KumaError> {
  const { zoneName, process, snapshot, onFailedSwitch } = args;
  // a database that could not be filled: the zone was not touched
  if (!isFederated(settingsOf(process, zoneName).environment)) return error;
  // nothing is known of a zone that is only not answered for, and the next run goes on where this one ended
  if (!tellsOfZone(error) && process.isRunning()) return error;
  return afterFailedSwitch(error, {
    ...{ zoneName, onFailedSwitch, said: log() },
    ...(process.holdsProxies && {
      held: "Its data plane proxies go on with the configuration that they have.",
    }),
    takeBack: () => leaveGlobal(args, process, snapshot),
  });
}

/**
 * Fills the database of a zone's federated life, while the zone goes on alone with its own: proxies that met a zone that
 * is still being filled would see meshes without their permissions.
 */
async function fillDatabase(args: JoinArgs, federated: ProcessSettings): Promise<void> {
  const { zoneName, process, global, manifest, snapshot } = args;
  await besideZone(process, federated, async (filling) => {
    await waitUntilOnline(global, zoneName);
    await ownExactly(filling, keptForJoin(process, snapshot) ?? snapshot.kept, "federated");
    await untilVerified({ zoneName, global, zone: filling }, manifest);
    // the zone was in use meanwhile
    await ownExactly(filling, await lastLook(args), "federated");
  });
  // all of it is there: what is deleted in the zone from now on is not to come back
  forgetKept(process);
}

/** That the global holds everything that the zone hands over today; what it goes on owning is kept, and returned. */
async function lastLook({ zoneName, zone, process, global, onConflict }: JoinArgs): Promise<Resource[]> {
  const { carried, kept } = await exportFor({ zone, global, hosted: global.hosted !== undefined });
  await assertCarried({ carried, kept }, global, zoneName, onConflict);
  keepForJoin(process, kept);
  return kept;
}

/** Writes the zone's token beside it and gives the variables that name it. */
async function enterKonnect(
  process: ControlPlaneProcess,
  zone: ControlPlane,
  { token, ...konnect }: KonnectMembership,
): Promise<Record<string, string>> {
  const { version } = await zone.info();
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
  const isUnderWay = process.holdsProxies || hasKeptForJoin(process) || keptForReturn(process) !== undefined;
  if (!process.isRunning() || isUnderWay) return false;
  // every control plane of a region in Konnect has the same address
  const isThere =
    konnect === undefined || hostedBy(process.settings()?.environment) === konnect.controlPlaneId;
  return isThere && federatedTo(await zone.config()) === kdsAddress;
}

function settingsOf(process: ControlPlaneProcess, zoneName: string) {
  const settings = process.settings();
  if (settings) return settings;
  throw new KumaError(
    "invalid",
    `Zone ${zoneName} was not started by this program: there are no settings in ${process.directory}. Nothing was changed.`,
  );
}
