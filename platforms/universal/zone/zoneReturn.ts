import {
  ControlPlane,
  ProxyTokenKeys,
  Resource,
  Snapshot,
  endedMeshes,
  forgetZone,
  isKumaError,
  isOwnedByZone,
  ownExactly,
  readZone,
  restoreZone,
  Sides,
} from "../../../kuma";
import { isFederated } from "../environment";
import { forgetKept, keepForReturn, keptForJoin, keptForReturn } from "./keptResources";
import { proxiesToComeBack } from "../proxies";
import { keysOfControlPlane, readProxyLogin, renewTokens, restartProxies } from "./proxyTokens";
import type { RunSettings, ZoneRuntime } from "./zoneRuntime";

/**
 * Takes a zone off its global: it runs alone again, on a new store with the meshes, secrets and policies that it had
 * when it was federated, and with what it owns today. Then the global forgets the zone; what was carried stays there.
 * May be called again at any point, and does nothing to a zone that was never switched.
 */
export async function leaveGlobal<S extends RunSettings>(
  { zone, global, zoneName }: Sides,
  runtime: ZoneRuntime<S>,
  snapshot: Snapshot,
  { globalGoes = false } = {},
): Promise<void> {
  const settings = await runtime.settings();
  // nothing was ever started here, or everything is removed already
  if (settings === undefined) return;
  await runtime.removeBeside();
  const comeBack = await proxiesToComeBack(zoneName, zone, runtime);
  const federated = isFederated(settings.environment);
  if (federated || (await keptForReturn(runtime))) {
    if (federated) {
      const owned = settings.postgres
        ? await ownedInDatabase(zone, runtime, settings, snapshot)
        : await ownedToday(zone, runtime, snapshot);
      await keepForReturn(runtime, owned, settings);
    }
    const alone = runtime.alone(settings, zoneName);
    const tokens = await ownTokens(zone, zoneName, runtime);
    if (settings.postgres) await startOnFormerDatabase(runtime, alone, federated, tokens);
    else await startOnNewStore(zone, runtime, alone, snapshot, tokens);
    await runtime.endMembership();
  }
  await restartProxies({ zoneName, hosts: runtime.hosts }, runtime, zone);
  await forgetKept(runtime);
  await forgetZone({ global, zoneName }, globalGoes);
  await comeBack();
}

/** What the zone owns, or did before it lost it. */
async function ownedToday(zone: ControlPlane, runtime: ZoneRuntime, snapshot: Snapshot): Promise<Resource[]> {
  const lost = await keptForJoin(runtime, snapshot);
  if (lost) return lost;
  if (await runtime.isRunning()) return (await readZone(zone)).resources.filter(isOwnedByZone);
  return (await keptForReturn(runtime))?.kept ?? snapshot.kept;
}

/** What is in a database is there again once the zone runs; of one that does not come up another one reads it. */
async function ownedInDatabase<S extends RunSettings>(
  zone: ControlPlane,
  runtime: ZoneRuntime<S>,
  settings: S,
  snapshot: Snapshot,
): Promise<Resource[]> {
  try {
    await runtime.start(settings);
  } catch (error) {
    // one that is slow, or is refused by what starts it
    if (!isKumaError(error) || error.code === "cancelled") throw error;
    let owned: Resource[] = [];
    await runtime.beside(settings, async (reader) => {
      owned = (await readZone(reader)).resources.filter(isOwnedByZone);
    });
    return owned;
  }
  return ownedToday(zone, runtime, snapshot);
}

/** The former database is as it was; what the zone owns today is brought to it, and then its proxies meet it again. */
async function startOnFormerDatabase<S extends RunSettings>(
  runtime: ZoneRuntime<S>,
  alone: S,
  wasFederated: boolean,
  giveTokens: GiveTokens,
): Promise<void> {
  if (wasFederated) {
    const kept = (await keptForReturn(runtime))?.kept ?? [];
    await runtime.beside(alone, async (former) => {
      await ownExactly(former, kept, "alone");
      await giveTokens(former);
    });
  }
  await runtime.start(alone);
}

/** The new store is filled before any data plane proxy meets it. */
async function startOnNewStore<S extends RunSettings>(
  zone: ControlPlane,
  runtime: ZoneRuntime<S>,
  alone: S,
  snapshot: Snapshot,
  giveTokens: GiveTokens,
): Promise<void> {
  const kept = (await keptForReturn(runtime))?.kept ?? snapshot.kept;
  const restore = (empty: ControlPlane) => restoreZone(empty, snapshot.originals, kept);
  // once beside it, on a store that is thrown away: a zone that cannot be restored is not stopped
  await runtime.besideEmpty(alone, restore);
  await runtime.startEmpty(alone);
  await restore(zone);
  await giveTokens(zone);
  await runtime.admitProxies();
}

/** Has proxies log in with tokens of a zone that has its own keys again, before they meet it. */
type GiveTokens = (alone: ControlPlane) => Promise<void>;

/** To be asked as long as the zone is a member. */
async function ownTokens(zone: ControlPlane, zoneName: string, runtime: ZoneRuntime): Promise<GiveTokens> {
  const former = await keysOf(zone, runtime);
  return async (alone) => {
    const login = await readProxyLogin(alone);
    const keys = await keysOfControlPlane(alone, login);
    const ended = former ? endedMeshes(former, keys) : [];
    // of a zone that did not run nobody knows which keys its proxies had
    if (former && ended.length === 0) return;
    await renewTokens({ zoneName, hosts: runtime.hosts }, runtime, { login, keys, issuer: alone, ended });
  };
}

async function keysOf(zone: ControlPlane, runtime: ZoneRuntime): Promise<ProxyTokenKeys | undefined> {
  if (!(await runtime.isRunning())) return undefined;
  try {
    return await keysOfControlPlane(zone, await readProxyLogin(zone));
  } catch (error) {
    if (isKumaError(error)) return undefined;
    throw error;
  }
}
