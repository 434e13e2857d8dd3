import * as fs from "node:fs";
import * as path from "node:path";
import {
  ControlPlane,
  KumaError,
  Manifest,
  OnConflict,
  Snapshot,
  assertCarried,
  assertJoinable,
  exchangeMarkers,
  exportFor,
  federatedTo,
  isOwnedByZone,
  knownTypes,
  putBack,
  readZone,
  removeZone,
  restoreZone,
  untilVerified,
  waitUntilOnline,
} from "../../kuma";
import { ControlPlaneProcess } from "./controlPlaneProcess";
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
    const { carried, kept } = await exportFor(global.hosted !== undefined, global, zone);
    await assertCarried(carried, global, zoneName, args.onConflict);
    keepForJoin(process, kept);
  }
  const settings = settingsOf(process, zoneName);
  process.writeFile(GLOBAL_API, global.reference);
  const caFile = kdsCa === "" ? undefined : process.writeFile("kds-ca.crt", kdsCa);
  const environment = { ...settings.environment, ...federationEnvironment(kdsAddress, caFile) };
  if (args.konnect) Object.assign(environment, await enterKonnect(process, zone, args.konnect));
  await process.start({ ...settings, environment });

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

/** Writes the zone's token beside it and gives the variables that name it. A control plane reads its token only once. */
async function enterKonnect(
  process: ControlPlaneProcess,
  zone: ControlPlane,
  { token, ...konnect }: KonnectMembership,
): Promise<Record<string, string>> {
  const { version } = await zone.info();
  if (readIfThere(process.file(ZONE_TOKEN)) !== token) await process.stop();
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
  if (isFederated(settings.environment) || keptForReturn(process)) {
    if (!keptForReturn(process)) {
      const today = async () => (await readZone(zone)).resources.filter(isOwnedByZone);
      const kept = keptForJoin(process, snapshot) ?? (process.isRunning() ? await today() : snapshot.kept);
      keepForReturn(process, kept);
    }
    await process.stop();
    process.clearWork();
    fs.rmSync(process.file(ZONE_TOKEN), { force: true });
    const { KUMA_STORE_TYPE, SANDBOX_PRODUCT } = settings.environment;
    const environment: Record<string, string> = { ...standaloneEnvironment(zoneName), KUMA_STORE_TYPE };
    if (SANDBOX_PRODUCT !== undefined) environment.SANDBOX_PRODUCT = SANDBOX_PRODUCT;
    // the meshes are written back by this program, with their own authorities
    await process.start({
      ...settings,
      environment: { ...environment, KUMA_DEFAULTS_SKIP_MESH_CREATION: "true" },
    });
    await restoreZone(zone, snapshot.originals, keptForReturn(process) ?? snapshot.kept);
  }
  forgetKept(process);
  await removeZone(global, zoneName);
}

function settingsOf(process: ControlPlaneProcess, zoneName: string) {
  const settings = process.settings();
  if (settings) return settings;
  throw new KumaError(
    "invalid",
    `Zone ${zoneName} was not started by this program: there are no settings in ${process.directory}. Nothing was changed.`,
  );
}
