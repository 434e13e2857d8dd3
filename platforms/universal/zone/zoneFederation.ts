import {
  ControlPlane,
  KumaError,
  Manifest,
  OnConflict,
  Resource,
  Snapshot,
  assertCarried,
  assertJoinable,
  endedMeshes,
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
import { until } from "../../../kuma/until";
import { OnFailedSwitch, afterFailedSwitch, tellsOfZone } from "../../failedSwitch";
import {
  KonnectMembership,
  federationEnvironment,
  hostedBy,
  isFederated,
  konnectEnvironment,
  tokenEnvironment,
} from "../environment";
import {
  GLOBAL_API,
  TOKEN_WAITS,
  ZONE_TOKEN,
  forgetKept,
  hasKeptForJoin,
  keepForJoin,
  keptForJoin,
  keptForReturn,
} from "./keptResources";
import { proxiesToComeBack } from "../proxies";
import { keysOfControlPlane, readProxyLogin, renewTokens, restartProxies } from "./proxyTokens";
import type { RunSettings, ZoneRuntime } from "./zoneRuntime";
import { leaveGlobal } from "./zoneReturn";

export interface JoinArgs extends Sides {
  runtime: ZoneRuntime;
  kdsAddress: string;
  /** What the zone dialled until now, where the stack moves its global. */
  formerKdsAddress?: string;
  kdsCa: string;
  /** Where the global is one in Konnect. */
  konnect?: KonnectMembership;
  /** Secret: what the zone shows a global of Kong Mesh that asks for it. */
  cpToken?: string;
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
  const { zoneName, zone, runtime, global } = args;
  const config = await zone.config();
  assertJoinable(zone, config, zoneName, [args.kdsAddress, args.formerKdsAddress], global);
  const comeBack = await proxiesToComeBack(zoneName, zone, runtime);
  const wasAlone = federatedTo(config) === undefined;
  if (wasAlone) await lastLook(args);
  const settings = await settingsOf(runtime, zoneName);
  const isSwitch = wasAlone || (await hasKeptForJoin(runtime));
  const hasLostMesh = (args.lostMeshes ?? []).length > 0;
  if (hasLostMesh && !isSwitch) await keepForJoin(runtime, await ownedBefore(args));
  const log = await runtime.logFrom();
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
async function startFederated(args: JoinArgs, settings: RunSettings, wasAlone: boolean): Promise<void> {
  const { zoneName, zone, runtime, global, kdsAddress, kdsCa, konnect } = args;
  const token = konnect?.token ?? args.cpToken;
  await runtime.writeKept(GLOBAL_API, global.reference);
  const caFile = kdsCa === "" ? undefined : await runtime.give("kds-ca.crt", kdsCa);
  const formerToken = await runtime.readKept(ZONE_TOKEN);
  // a run that is killed after the file was written leaves a control plane that has not read it
  if (formerToken !== token) await runtime.writeKept(TOKEN_WAITS, "");
  const tokenWaits = (await runtime.readKept(TOKEN_WAITS)) !== undefined;
  const federated = runtime.federated(settings, {
    ...federationEnvironment(kdsAddress, caFile),
    ...(konnect && (await enterKonnect(runtime, zone, konnect))),
    ...(!konnect && token !== undefined && (await showToken(runtime, zone, token))),
  });
  if (settings.postgres && wasAlone) await fillDatabase(args, federated);
  const losesStore = runtime.hasStoreInMemory(settings);
  if (!tokenWaits && (await runtime.runsWith(federated))) {
    const hasKept = await hasKeptForJoin(runtime);
    const isWhole = hasKept ? (args.lostMeshes ?? []).length === 0 : await isEqualSoon(args);
    if (isWhole) return;
    console.log(
      `zone ${zoneName}: it is connected and does not have all that its global gives; its control plane is restarted, so that it asks for everything`,
    );
  }
  if (losesStore && !(await hasKeptForJoin(runtime))) await keepForJoin(runtime, await ownedBy(zone));
  if (wasAlone) await giveTokensOfGlobal(args);
  console.log(`zone ${zoneName}: its control plane is started anew, as a member of the global`);
  // a control plane reads its token only once, and asks again for what it lacks only when it is new
  await runtime.start(federated, { holdProxies: losesStore, anew: true });
  if (token === undefined) await runtime.forgetKept(ZONE_TOKEN, TOKEN_WAITS);
  else await runtime.forgetKept(TOKEN_WAITS);
}

/** Before the zone's keys give way to those that the global has under the same names: proxies then connect with what they find. */
async function giveTokensOfGlobal({ zoneName, zone, global, runtime }: JoinArgs): Promise<void> {
  // who manages keys in Konnect does not show them
  if (global.hosted !== undefined) return;
  const login = await readProxyLogin(zone);
  const [former, keys] = await Promise.all([zone, global].map((each) => keysOfControlPlane(each, login)));
  const ended = endedMeshes(former, keys);
  if (ended.length === 0) return;
  await renewTokens({ zoneName, hosts: runtime.hosts }, runtime, { login, keys, issuer: global, ended });
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
  const { zoneName, zone, runtime, global, manifest, snapshot } = args;
  // the sooner it has what it owns again, the less of the copies is deleted on the global and in other zones
  await waitUntilOnline(global, zoneName, { samples: 1, intervalMs: 250 });
  const kept = await keptForJoin(runtime, snapshot);
  if (kept) await putBack(zone, kept, await knownTypes(zone));
  const { version } = await waitUntilOnline(global, zoneName);
  console.log(`zone ${zoneName}: online; both sides are compared until they are equal`);
  await untilVerified(args, manifest);
  await runtime.admitProxies();
  await restartProxies({ zoneName, hosts: runtime.hosts }, runtime, zone);
  await forgetKept(runtime);
  console.log(`zone ${zoneName}: both sides are equal; a policy that no proxy matches crosses each way`);
  await exchangeMarkers(args, manifest);
  return version ?? (await zone.info()).version;
}

/** A member that lacks something still goes on serving its proxies with what it has, once it has what it owns. */
async function asItWas({ zone, runtime, snapshot }: JoinArgs, error: KumaError): Promise<KumaError> {
  if (!(await runtime.holdsProxies())) return error;
  try {
    await putBack(zone, (await keptForJoin(runtime, snapshot)) ?? [], await knownTypes(zone));
    await runtime.admitProxies();
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
async function afterFailure(
  args: JoinArgs,
  error: KumaError,
  log: () => Promise<string[]>,
): Promise<KumaError> {
  const { zoneName, runtime, snapshot, onFailedSwitch } = args;
  // a database that could not be filled: the zone was not touched
  if (!isFederated((await settingsOf(runtime, zoneName)).environment)) return error;
  // nothing is known of a zone that is only not answered for, and the next run goes on where this one ended
  if (!tellsOfZone(error) && (await runtime.isRunning())) return error;
  return afterFailedSwitch(error, {
    ...{ zoneName, onFailedSwitch, said: await log() },
    ...((await runtime.holdsProxies()) && {
      held: "Its data plane proxies go on with the configuration that they have.",
    }),
    takeBack: () => leaveGlobal(args, runtime, snapshot),
  });
}

/**
 * Fills the database of a zone's federated life, while the zone goes on alone with its own: proxies that met a zone that
 * is still being filled would see meshes without their permissions.
 */
async function fillDatabase(args: JoinArgs, federated: RunSettings): Promise<void> {
  const { zoneName, runtime, global, manifest, snapshot } = args;
  await runtime.beside(federated, async (filling) => {
    await waitUntilOnline(global, zoneName);
    await ownExactly(filling, (await keptForJoin(runtime, snapshot)) ?? snapshot.kept, "federated");
    await untilVerified({ zoneName, global, zone: filling }, manifest);
    // the zone was in use meanwhile
    await ownExactly(filling, await lastLook(args), "federated");
  });
  // all of it is there: what is deleted in the zone from now on is not to come back
  await forgetKept(runtime);
}

/** That the global holds everything that the zone hands over today; what it goes on owning is kept, and returned. */
async function lastLook({ zoneName, zone, runtime, global, onConflict }: JoinArgs): Promise<Resource[]> {
  const { carried, kept } = await exportFor({ zone, global, hosted: global.hosted !== undefined });
  await assertCarried({ carried, kept }, global, zoneName, onConflict);
  await keepForJoin(runtime, kept);
  return kept;
}

/** Writes the zone's token beside it and gives the variables that name it. */
async function enterKonnect(
  runtime: ZoneRuntime,
  zone: ControlPlane,
  { token, ...konnect }: KonnectMembership,
): Promise<Record<string, string>> {
  const { version } = await zone.info();
  const systemCaFile =
    konnect.systemCaFile && (await runtime.giveFile("system-ca.crt", konnect.systemCaFile));
  return konnectEnvironment(
    { ...konnect, systemCaFile },
    version,
    await runtime.give(ZONE_TOKEN, token, true),
  );
}

/** The same for a global of one's own. Kuma 2 has no such variable, and does not look at it. */
async function showToken(
  runtime: ZoneRuntime,
  zone: ControlPlane,
  token: string,
): Promise<Record<string, string>> {
  const { product, version } = await zone.info();
  if (product === "Kuma")
    console.log(
      `${zone.title} is Kuma ${version}, which shows its global no token: cpToken changes nothing there`,
    );
  return tokenEnvironment(version, await runtime.give(ZONE_TOKEN, token, true));
}

/** Whether the zone is switched and nothing of a switch is left to do. */
export async function hasJoined(
  zone: ControlPlane,
  runtime: ZoneRuntime,
  kdsAddress: string,
  konnect?: KonnectMembership,
): Promise<boolean> {
  if (!(await runtime.isRunning()) || (await isUnderWay(runtime))) return false;
  // every control plane of a region in Konnect has the same address
  const isThere =
    konnect === undefined || hostedBy((await runtime.settings())?.environment) === konnect.controlPlaneId;
  return isThere && federatedTo(await zone.config()) === kdsAddress;
}

async function isUnderWay(runtime: ZoneRuntime): Promise<boolean> {
  return (
    (await runtime.holdsProxies()) ||
    (await hasKeptForJoin(runtime)) ||
    (await keptForReturn(runtime)) !== undefined
  );
}

async function settingsOf(runtime: ZoneRuntime, zoneName: string): Promise<RunSettings> {
  const settings = await runtime.settings();
  if (settings) return settings;
  throw new KumaError(
    "invalid",
    `Zone ${zoneName} was not started by this program: nothing tells how it runs. Nothing was changed.`,
  );
}
