import * as fs from "node:fs";
import {
  ControlPlane,
  Resource,
  Snapshot,
  forgetZone,
  isOwnedByZone,
  ownExactly,
  readZone,
  restoreZone,
  Sides,
} from "../../../kuma";
import { besideZone } from "./beside";
import { ControlPlaneProcess, ProcessSettings } from "../controlPlaneProcess";
import { isFederated, standaloneEnvironment } from "../environment";
import { forgetKept, keepForReturn, keptForJoin, keptForReturn } from "./keptResources";
import { PostgresStore, postgresEnvironment } from "../postgresStore";
import { proxiesToComeBack } from "../proxies";

/** Holds the token with which the zone connects with Konnect. */
export const ZONE_TOKEN = "cp-token";

/**
 * Takes a zone off its global: it runs alone again, on a new store with the meshes, secrets and policies that it had
 * when it was federated, and with what it owns today. Then the global forgets the zone; what was carried stays there.
 * May be called again at any point, and does nothing to a zone that was never switched.
 */
export async function leaveGlobal(
  { zone, global, zoneName }: Sides,
  process: ControlPlaneProcess,
  snapshot: Snapshot,
  { globalGoes = false } = {},
): Promise<void> {
  const settings = process.settings();
  // nothing was ever started here, or everything is removed already
  if (settings === undefined) return;
  await process.beside().remove();
  const comeBack = await proxiesToComeBack(zoneName, zone, process);
  if (isFederated(settings.environment) || keptForReturn(process)) {
    if (isFederated(settings.environment)) {
      // what is in a database is there again once the zone runs
      if (settings.postgres) await process.start(settings);
      keepForReturn(process, await ownedToday(zone, process, snapshot), settings);
    }
    if (settings.postgres) await startOnFormerDatabase(zoneName, process, settings, settings.postgres);
    else await startOnNewStore(zoneName, zone, process, settings, snapshot);
    fs.rmSync(process.file(ZONE_TOKEN), { force: true });
  }
  forgetKept(process);
  await forgetZone({ global, zoneName }, globalGoes);
  await comeBack();
}

/** What the zone owns, or did before it lost it. */
async function ownedToday(
  zone: ControlPlane,
  process: ControlPlaneProcess,
  snapshot: Snapshot,
): Promise<Resource[]> {
  const lost = keptForJoin(process, snapshot);
  if (lost) return lost;
  if (process.isRunning()) return (await readZone(zone)).resources.filter(isOwnedByZone);
  return keptForReturn(process)?.kept ?? snapshot.kept;
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
    const kept = keptForReturn(process)?.kept ?? [];
    await besideZone(process, alone, (former) => ownExactly(former, kept, "alone"));
  }
  await process.start(alone);
}

/** The new store is filled before any data plane proxy meets it. */
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
  const filling = { ...settings, environment: { ...environment, KUMA_DEFAULTS_SKIP_MESH_CREATION: "true" } };
  const restore = (empty: ControlPlane) =>
    restoreZone(empty, snapshot.originals, keptForReturn(process)?.kept ?? snapshot.kept);
  // once beside it, on a store that is thrown away: a zone that cannot be restored is not stopped
  await besideZone(process, filling, restore);
  await process.stop();
  process.clearWork();
  await process.start(filling, { holdProxies: true });
  await restore(zone);
  await process.admitProxies();
}
