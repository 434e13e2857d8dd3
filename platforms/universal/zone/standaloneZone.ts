import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import {
  ControlPlane,
  DISPLAY_NAME_LABEL,
  KumaError,
  Resource,
  isOf,
  assertContentWritable,
  canonicalJson,
  isSecret,
  readContent,
  readZone,
  writeFound,
} from "../../../kuma";
import { openControlPlane } from "../../openControlPlane";
import { adminTokenOf, ensureAdminAccess } from "../adminAccess";
import { ControlPlaneProcess, ProcessSettings } from "../controlPlaneProcess";
import { isFederated, standaloneEnvironment } from "../environment";
import { readIfThere } from "../files";
import {
  ForReturn,
  GLOBAL_API,
  forgetReturn,
  hasKeptForJoin,
  keepForJoin,
  keptForReturn,
} from "./keptResources";
import { ProcessRuntime } from "./processRuntime";
import { UniversalArgs, processSettings, settingsAgain } from "../settings";

/**
 * Written when the content is complete, so that a start that was cut short begins with it again. Holds the digest of the
 * content; nothing where an earlier version of this program has written it.
 */
const SEEDED = "content-is-in";

export interface StandaloneZoneArgs extends UniversalArgs {
  /** Directory with the YAML files of what the zone holds at first, relative to the program's directory. */
  content?: string;
  /** What the stand-in calls itself, `Kuma` when left out. A real one is what it is. */
  product?: string;
}

/** Whether it runs, has its content, and has no other admin than this program. */
export async function isStandaloneZoneUp({
  directory,
}: Pick<StandaloneZoneArgs, "directory">): Promise<boolean> {
  const zone = new ControlPlaneProcess(directory);
  const hasContent = fs.existsSync(zone.file(SEEDED)) && (await cutShortReturn(zone)) === undefined;
  return zone.isRunning() && hasContent && !isToBeLocked(zone);
}

/** Whether it runs, and a run that was killed has left it without all of its content. */
export async function isUnfinished({ directory }: Pick<StandaloneZoneArgs, "directory">): Promise<boolean> {
  const zone = new ControlPlaneProcess(directory);
  if (!zone.isRunning()) return false;
  return !fs.existsSync(zone.file(SEEDED)) || (await cutShortReturn(zone)) !== undefined;
}

/**
 * Whether it is one that an earlier version of this program started, with everybody on this machine for its admin. Where
 * its store is in memory it would lose what it holds, so that waits for its next start.
 */
function isToBeLocked(zone: ControlPlaneProcess): boolean {
  if (adminTokenOf(zone) !== undefined) return false;
  return !zone.isRunning() || zone.settings()?.environment.KUMA_STORE_TYPE !== "memory";
}

/** A way back that a run has begun on a new store and not ended: what is in that store is no zone's content. */
async function cutShortReturn(zone: ControlPlaneProcess): Promise<ForReturn<ProcessSettings> | undefined> {
  const last = zone.settings();
  const isWhole = zone.isRunning() && isFederated(last?.environment ?? {});
  return !last || last.postgres || isWhole ? undefined : keptForReturn(new ProcessRuntime(zone));
}

/**
 * Sees to it that a zone control plane runs on this machine: as it was last run, or, when it is new, alone and with
 * content, as a zone that was in use. A zone whose store does not outlive the process is new after each end.
 */
export async function ensureStandaloneZone(args: StandaloneZoneArgs): Promise<void> {
  const zone = new ControlPlaneProcess(args.directory);
  if (isToBeLocked(zone)) {
    await zone.stop();
    await ensureAdminAccess(zone);
  }
  const cutShort = await cutShortReturn(zone);
  if (cutShort) return federatedAgain(zone, cutShort, args);
  const last = zone.settings();
  const hasContent = last !== undefined && fs.existsSync(zone.file(SEEDED));
  const lostItsStore = zone.hasLostStore();
  if (hasContent && lostItsStore && isFederated(last.environment)) await keepWhatGlobalHas(zone, args.name);
  if (hasContent && (!lostItsStore || isFederated(last.environment))) {
    return zone.start(settingsAgain(last, args), { holdProxies: lostItsStore });
  }
  assertNotRenamed(args);
  fs.rmSync(zone.file(SEEDED), { force: true });
  const environment = standaloneEnvironment(args.name);
  if (args.product !== undefined) environment.STAND_IN_PRODUCT = args.product;
  const alone = await processSettings(args, environment);
  await zone.start(alone);
  if (args.content !== undefined) await seed(zone, alone.title, args.content);
  zone.writeFile(SEEDED, contentDigest(args));
}

/** One sentence where the content that the stack names is another than the zone began with, as that has no effect. */
export function contentWithoutEffect(args: Pick<StandaloneZoneArgs, "name" | "directory" | "content">) {
  const begun = readIfThere(new ControlPlaneProcess(args.directory).file(SEEDED));
  if (!begun || begun === contentDigest(args)) return undefined;
  return (
    `The setting content of zone ${args.name} is not what the zone began with, and has no effect: a zone that runs keeps what it has. ` +
    `Write the change to the zone with kumactl, or take the stack down first.`
  );
}

function contentDigest({ name, content }: Pick<StandaloneZoneArgs, "name" | "content">): string {
  const resources = content === undefined ? [] : readContent(content, name).map(({ resource }) => resource);
  return createHash("sha256").update(canonicalJson(resources)).digest("hex");
}

/** A zone under a new name would meet the one of the former name at its ports. */
function assertNotRenamed({ name, directory, portBase }: StandaloneZoneArgs): void {
  const zones = path.dirname(directory);
  if (!fs.existsSync(zones)) return;
  const others = fs.readdirSync(zones).filter((other) => other !== path.basename(directory));
  const former = others.find((other) => {
    const process = new ControlPlaneProcess(path.join(zones, other));
    return process.isRunning() && process.settings()?.portBase === portBase;
  });
  if (former === undefined) return;
  throw new KumaError(
    "invalid",
    `Zone ${name} is to have the ports of zone ${former}, which this stack runs. Nothing was changed. A zone cannot be renamed, as its ` +
      `name is in what it holds and in the certificates of its proxies: set the name back to ${former}. For another zone beside it choose another ` +
      `portBase; to have ${name} in its place take the stack down first.`,
  );
}

/**
 * Only the global holds the secrets of a zone that was to be taken back: so the zone is its member again, and whatever
 * comes next begins with a whole one.
 */
async function federatedAgain(
  zone: ControlPlaneProcess,
  { kept, federated }: ForReturn<ProcessSettings>,
  args: StandaloneZoneArgs,
): Promise<void> {
  const runtime = new ProcessRuntime(zone);
  await keepForJoin(runtime, kept);
  await zone.stop();
  zone.clearWork();
  await zone.start(settingsAgain(federated, args), { holdProxies: true });
  await forgetReturn(runtime);
}

/**
 * A federated zone that lost its store gets meshes and secrets from its global when it connects, and the global deletes
 * its copies of what the zone owned at that moment. So these are kept first, to be put back into the zone, together
 * with what was in the zone alone when it was federated.
 */
async function keepWhatGlobalHas(zone: ControlPlaneProcess, name: string): Promise<void> {
  const runtime = new ProcessRuntime(zone);
  if (await hasKeptForJoin(runtime)) return;
  const url = readIfThere(zone.file(GLOBAL_API));
  const copies = url === undefined ? [] : await copiesOnGlobal(url, name);
  await keepForJoin(runtime, copies.length > 0 ? { copies } : "snapshot");
}

async function copiesOnGlobal(url: string, zoneName: string): Promise<Resource[]> {
  let global: ControlPlane | undefined;
  try {
    global = await openControlPlane({ url }, "the global control plane", { attempts: 3 });
    const { resources } = await readZone(global, (type) => !isSecret({ type }));
    return resources.filter(isOf(zoneName)).map(original);
  } catch (error) {
    // the global is away as well: what the zone owned when it was federated has to do
    if (error instanceof KumaError) return [];
    throw error;
  } finally {
    global?.close();
  }
}

/** Before KDS gave it a hash, and a label for its name. */
function original(copy: Resource): Resource {
  const { [DISPLAY_NAME_LABEL]: name = copy.name, ...labels } = copy.labels ?? {};
  return { ...copy, name, labels };
}

async function seed(zone: ControlPlaneProcess, name: string, directory: string): Promise<void> {
  const found = readContent(directory, name);
  const api = zone.open(`zone ${name}`);
  try {
    await assertContentWritable(found, api, `Files in ${directory}, the content of zone ${name},`);
    // it stands for what people have written to their zone, whatever that is
    await writeFound(api, found, { asTheyAre: true });
  } finally {
    api.close();
  }
}
