import { KumaCpChoice, findKumaCp } from "../../toolchain/kumaControlPlane";
import { ControlPlaneProcess, ProcessSettings } from "./controlPlaneProcess";

export type StoreChoice = "auto" | "memory";

/** What the stack says of a control plane on this machine. */
export interface UniversalArgs {
  /** What it is called in messages and in the state, for example "zone-1". */
  name: string;
  /** Where its files lie, relative to the program's directory. */
  directory: string;
  /** The API listens at this + 81, KDS at this + 85 and so on; 5600 gives Kuma's own ports. */
  portBase: number;
  /** Which `kuma-cp` is run. */
  kumaCp: KumaCpChoice;
  /**
   * Where it keeps its resources: `auto` is a file for the stand-in, and memory for a real `kuma-cp`, which has no other
   * store without a database; `memory` is that for both, and is lost when the process ends.
   */
  store: StoreChoice;
  /** The setting of the stack that moves the ports, for messages. */
  portSetting: string;
}

/** A control plane's API on this machine; known before the control plane runs. */
export function apiUrl({ portBase }: Pick<UniversalArgs, "portBase">): string {
  return `http://127.0.0.1:${portBase + 81}`;
}

/**
 * Which program runs is decided when a control plane is started, and then kept: a `kuma-cp` that turns up later must
 * not take the place of the one that holds the data.
 */
export async function processSettings(
  args: UniversalArgs,
  environment: Record<string, string>,
): Promise<ProcessSettings> {
  const existing = new ControlPlaneProcess(args.directory);
  const running = existing.isRunning() ? existing.settings() : undefined;
  const { command, storeType } = running
    ? { command: running.command, storeType: running.environment.KUMA_STORE_TYPE }
    : await findProgram(args);
  const { name: title, portBase, portSetting } = args;
  return {
    title,
    command,
    portBase,
    portSetting,
    environment: { ...environment, KUMA_STORE_TYPE: storeType },
  };
}

async function findProgram({
  kumaCp,
  store,
}: UniversalArgs): Promise<{ command: string[]; storeType: string }> {
  const { command, standIn } = await findKumaCp({
    choice: kumaCp,
    projectRoot: process.cwd(),
    env: process.env,
    log: (line) => console.log(line),
  });
  return { command, storeType: standIn && store === "auto" ? "file" : "memory" };
}

/** Whether a control plane's program is the stand-in. */
export function isStandIn(settings: ProcessSettings): boolean {
  return settings.command.some((part) => part.endsWith("sandbox/kuma-cp.js"));
}
