import * as fs from "node:fs";
import { ControlPlane, readResources, writeResources } from "../../kuma";
import { ControlPlaneProcess } from "./controlPlaneProcess";
import { standaloneEnvironment } from "./environment";
import { UniversalArgs, processSettings } from "./settings";

/** Written when the content is complete, so that a start that was cut short begins with it again. */
const SEEDED = "content-is-in";

export interface StandaloneZoneArgs extends UniversalArgs {
  /** Directory with the YAML files of what the zone holds at first, relative to the program's directory. */
  content?: string;
}

/** Whether it runs and has its first content. */
export function isStandaloneZoneUp({ directory }: Pick<StandaloneZoneArgs, "directory">): boolean {
  const zone = new ControlPlaneProcess(directory);
  return zone.isRunning() && fs.existsSync(zone.file(SEEDED));
}

/**
 * Sees to it that a zone control plane runs on this machine: as it was last run, or, when it is new, alone and with
 * content, as a zone that was in use. A zone whose store does not outlive the process is new after each end.
 */
export async function ensureStandaloneZone(args: StandaloneZoneArgs): Promise<void> {
  const zone = new ControlPlaneProcess(args.directory);
  const last = zone.settings();
  const hasContent = last !== undefined && fs.existsSync(zone.file(SEEDED));
  const lostItsStore = !zone.isRunning() && last?.environment.KUMA_STORE_TYPE === "memory";
  if (hasContent && !lostItsStore) return zone.start({ ...last, portBase: args.portBase });
  fs.rmSync(zone.file(SEEDED), { force: true });
  const alone = await processSettings(args, standaloneEnvironment(args.name));
  await zone.start(alone);
  if (args.content !== undefined) await seed(zone, alone.title, args.content);
  zone.writeFile(SEEDED, "");
}

async function seed(zone: ControlPlaneProcess, title: string, directory: string): Promise<void> {
  const api = new ControlPlane({ title, url: zone.apiUrl });
  try {
    await writeResources(api, readResources(directory, `content of zone ${title}`));
  } finally {
    api.close();
  }
}
