import * as fs from "node:fs";
import {
  ControlPlane,
  KumaError,
  Manifest,
  OnConflict,
  Resource,
  ResourceType,
  Snapshot,
  assertComplete,
  assertJoinable,
  exportZone,
  federatedTo,
  isOwnedByZone,
  putBack,
  readBack,
  readZone,
  removeZone,
  restoreZone,
  untilVerified,
  waitUntilOnline,
} from "../../kuma";
import { ControlPlaneProcess } from "./controlPlaneProcess";
import { federationEnvironment, standaloneEnvironment } from "./environment";

/**
 * What the zone owns, on disk from before a restart until it is back in the zone, so that a run that is killed in
 * between can go on. It holds policies and data plane proxies, no secrets: those are the global's.
 */
const KEPT = "kept.json";

export interface JoinArgs {
  zoneName: string;
  zone: ControlPlane;
  process: ControlPlaneProcess;
  global: ControlPlane;
  kdsAddress: string;
  kdsCa: string;
  onConflict: OnConflict;
  manifest: Manifest;
}

/**
 * Switches a zone on this machine to its global: a last look that the global holds everything, a restart with the KDS
 * address and the authority to trust, and then, until it is so: online and staying so, everything that the zone owns in
 * its place (a store in memory is empty after the restart), both sides equal. May be called again at any point.
 */
export async function joinGlobal(args: JoinArgs): Promise<{ version: string }> {
  const { zoneName, zone, process, global, kdsAddress, kdsCa, manifest } = args;
  const config = await zone.config();
  assertJoinable(zone, config, zoneName, kdsAddress);
  if (federatedTo(config) === undefined) {
    const { carried, kept } = await exportZone(zone);
    const check = await readBack(carried, global);
    assertComplete(args.onConflict === "keepGlobal" ? { ...check, different: [] } : check, zoneName);
    process.writeFile(KEPT, JSON.stringify(kept));
  }
  const settings = settingsOf(process, zoneName);
  const caFile = kdsCa === "" ? undefined : process.writeFile("kds-ca.crt", kdsCa);
  const environment = { ...settings.environment, ...federationEnvironment(kdsAddress, caFile) };
  await process.start({ ...settings, environment });

  const { version } = await waitUntilOnline(global, zoneName);
  const kept = readKept(process);
  if (kept) {
    await putBack(zone, kept, await typesOf(zone));
    fs.rmSync(process.file(KEPT));
  }
  await untilVerified(global, zone, zoneName, manifest);
  return { version: version ?? (await zone.info()).version };
}

/** Whether the zone is switched and nothing of a switch is left to do. */
export async function hasJoined(
  zone: ControlPlane,
  process: ControlPlaneProcess,
  kdsAddress: string,
): Promise<boolean> {
  if (!process.isRunning() || fs.existsSync(process.file(KEPT))) return false;
  return federatedTo(await zone.config()) === kdsAddress;
}

/**
 * Takes a zone off its global: it runs alone again, on a new store with the meshes, secrets and policies that it had
 * when it was federated, and with what it owns today. Then the global forgets the zone; what was carried stays there.
 */
export async function leaveGlobal(
  zoneName: string,
  zone: ControlPlane,
  process: ControlPlaneProcess,
  global: ControlPlane,
  snapshot: Snapshot,
): Promise<void> {
  // nothing was ever started here, or everything is removed already
  if (process.settings() === undefined) return;
  const settings = settingsOf(process, zoneName);
  const halfDone = fs.existsSync(process.file(KEPT));
  if (process.isRunning() && !halfDone) {
    // an earlier attempt got this far
    if (federatedTo(await zone.config()) === undefined) return removeZone(global, zoneName);
    const owned = (await readZone(zone)).resources.filter(isOwnedByZone);
    process.writeFile(KEPT, JSON.stringify(owned));
  }
  await process.stop();
  process.clearWork();
  const { KUMA_STORE_TYPE } = settings.environment;
  const environment = { ...standaloneEnvironment(zoneName), KUMA_STORE_TYPE };
  // the meshes are written back by this program, with their own authorities
  await process.start({
    ...settings,
    environment: { ...environment, KUMA_DEFAULTS_SKIP_MESH_CREATION: "true" },
  });
  await restoreZone(zone, snapshot.originals, readKept(process) ?? snapshot.kept);
  fs.rmSync(process.file(KEPT), { force: true });
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

function readKept(process: ControlPlaneProcess): Resource[] | undefined {
  const file = process.file(KEPT);
  return fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, "utf8")) as Resource[]) : undefined;
}

async function typesOf(zone: ControlPlane): Promise<ReadonlyMap<string, ResourceType>> {
  return new Map((await zone.resourceTypes()).map((type) => [type.name, type]));
}
