import * as path from "node:path";
import type { UniversalZoneConfig } from "../../stack/settings/controlPlanes";
import { standaloneZoneArgs } from "../../stack/settings/universalZone";
import { ensureStandIn, resumeStandIn, tokenOfStandIn } from "../../platforms/konnect/standIn";
import { ControlPlaneProcess } from "../../platforms/universal/controlPlaneProcess";
import { isGivenOut, portsFrom } from "../../platforms/universal/ports";
import { assertKept, isStandIn } from "../../platforms/universal/settings";
import {
  contentWithoutEffect,
  ensureStandaloneZone,
  isStandaloneZoneUp,
  isUnfinished,
} from "../../platforms/universal/zone/standaloneZone";
import { TemporaryProcesses, findProcess, keep } from "../../platforms/universal/temporary";
import { NOT_STARTED_VARIABLE, NotStarted, START_IT } from "../../resources/options/notStarted";
import type { StackConfig } from "../../stack/config";
import { stackDirectory } from "../../stack/directory";
import { OperationFailed } from "../terminal/errors";
import { print } from "../terminal/print";

type Tell = (text: string) => void;

/** The zones of the embedded default are to be there before the engine looks, as those of a user are. */
export async function startZones(config: StackConfig): Promise<void> {
  for (const zone of checkedZones(config, print)) {
    const process = new ControlPlaneProcess(zone.directory);
    // one that a preview has started is there to stay from now on
    keep(process);
    if (!(await isStandaloneZoneUp(zone))) await ensureStandaloneZone(standaloneZoneArgs(zone));
    print(`Zone ${zone.name} runs on this machine: ${programOf(process)}`);
  }
}

/** How much of the control planes on this machine a command that looks has seen. */
export interface SeenHere {
  /** Whether there was none that could not be looked at. */
  isAll: boolean;
  /** Those that ran for the command alone. */
  passing: readonly string[];
}

/**
 * Has a command look that changes nothing. What runs is left as it is, and what has ended is left so: the command is told
 * whether there was any, as it could not be looked at. A zone that is not there yet is started, as a preview can only
 * show what it can read, and is gone again when the command ends.
 */
export async function lookingOnly<T>(
  config: StackConfig,
  tell: Tell,
  look: (seen: SeenHere) => Promise<T>,
): Promise<T> {
  const temporary = new TemporaryProcesses();
  const notStarted: NotStarted = {};
  const passing: string[] = [];
  const note = (key: string, why: string) => {
    notStarted[key] = why;
    tell(`${why} ${START_IT}`);
  };
  try {
    if (await lookAtKonnect(config, temporary, tell)) passing.push("the stand-in for Konnect");
    if (globalIsStopped(config))
      note("global", "The global control plane is stopped and was not started, so it cannot be read.");
    for (const zone of checkedZones(config, tell)) {
      const why = await whyNotToStart(zone);
      if (why !== undefined) note(`zone/${zone.name}`, why);
      else if (await run(zone, temporary, tell)) passing.push(`zone ${zone.name}`);
    }
    process.env[NOT_STARTED_VARIABLE] = JSON.stringify(notStarted);
    return await look({ isAll: Object.keys(notStarted).length === 0, passing });
  } finally {
    delete process.env[NOT_STARTED_VARIABLE];
    await temporary.remove();
  }
}

function globalIsStopped({ global }: StackConfig): boolean {
  return (
    global.platform === "universal" && findProcess(new ControlPlaneProcess(global.directory)) === "stopped"
  );
}

/** One sentence where a zone cannot be looked at without a change to what is there. */
async function whyNotToStart(zone: UniversalZoneConfig): Promise<string | undefined> {
  const { name, directory, postgres } = zone;
  const found = findProcess(new ControlPlaneProcess(directory));
  if (found === "running") {
    return (await isUnfinished(zone))
      ? `Zone ${name} runs, but a run that was cut short has left it without all that it is to hold, so it cannot be looked at.`
      : undefined;
  }
  if (found === "stopped")
    return `Zone ${name} is stopped and was not started, so what it holds cannot be read.`;
  return postgres
    ? `Zone ${name} has never run and was not started, as its start would write to the database ${postgres.database}: it cannot be read.`
    : undefined;
}

/** Has a zone run as long as it is looked at; says whether it is gone afterwards. */
async function run(zone: UniversalZoneConfig, temporary: TemporaryProcesses, tell: Tell): Promise<boolean> {
  const process = new ControlPlaneProcess(zone.directory);
  if (findProcess(process) === "running") {
    tell(`Zone ${zone.name} runs on this machine: ${programOf(process)}`);
    return false;
  }
  await temporary.start(process, () => ensureStandaloneZone(standaloneZoneArgs(zone)));
  tell(
    `Zone ${zone.name} is started for this command alone, and removed when it ends: ${programOf(process)}`,
  );
  return true;
}

/** The zones on this machine, once their settings are seen to fit with what is there. */
function checkedZones(config: StackConfig, tell: Tell): UniversalZoneConfig[] {
  for (const warning of portWarnings(config)) tell(warning);
  const zones = config.zones.filter((zone) => zone.platform === "universal");
  for (const zone of zones) {
    assertKept(standaloneZoneArgs(zone));
    const withoutEffect = contentWithoutEffect(zone);
    if (withoutEffect !== undefined) tell(`Warning: ${withoutEffect}`);
  }
  return zones;
}

function programOf(process: ControlPlaneProcess): string {
  const settings = process.settings();
  return !settings || isStandIn(settings)
    ? "stand-in for kuma-cp (set KUMA_CP to use a real one)"
    : settings.command[0];
}

function portWarnings({ global, zones }: StackConfig): string[] {
  const here = [{ ...global, name: "the global control plane" }, ...zones];
  const high = here.filter(
    (each) => each.platform === "universal" && isGivenOut(portsFrom(each.portBase).kds),
  );
  return high.map(
    ({ name }) =>
      `Warning: the ports of ${name} are among those that the system gives to outgoing connections (Linux: 32768 and up), so that one of these ` +
      `may hold a port when ${name} is started again. Choose a portBase below.`,
  );
}

/** A stand-in for Konnect is to be there as well, before the engine looks. It is stopped with the stack's other processes. */
export async function startKonnect({ global }: StackConfig): Promise<void> {
  if (global.platform !== "konnect" || global.standIn === undefined) return;
  const { addresses, region, standIn } = global;
  keep(new ControlPlaneProcess(standIn.directory));
  useToken(await ensureStandIn({ ...standIn, region }));
  print(konnectAt(addresses.apiUrl));
}

async function lookAtKonnect(
  { global }: StackConfig,
  temporary: TemporaryProcesses,
  tell: Tell,
): Promise<boolean> {
  if (global.platform !== "konnect" || global.standIn === undefined) return false;
  const { addresses, region, standIn } = global;
  const konnect = new ControlPlaneProcess(standIn.directory);
  const found = findProcess(konnect);
  if (found === "stopped") throw konnectIsStopped();
  const isPassing = found !== "running";
  if (isPassing) {
    await temporary.start(konnect, () => ensureStandIn({ ...standIn, region }));
    tell("The stand-in for Konnect is started for this command alone, and removed when it ends");
  }
  useToken(tokenOfStandIn(konnect));
  tell(konnectAt(addresses.apiUrl));
  return isPassing;
}

function konnectAt(url: string): string {
  return `Konnect is a stand-in on this machine: ${url} (docs/konnect-stand-in.md)`;
}

const EXIT_INCONCLUSIVE = 3;

function konnectIsStopped(): OperationFailed {
  return new OperationFailed(
    "The stand-in for Konnect on this machine is stopped and was not started, so nothing could be read. Nothing was changed. npm run up starts it again.",
    EXIT_INCONCLUSIVE,
  );
}

/** For what looks at a stack that is up. */
export function useKonnectThatRuns(stack: string): void {
  const konnect = new ControlPlaneProcess(path.join(stackDirectory(stack), "konnect"));
  if (konnect.settings() === undefined) return;
  if (!konnect.isRunning()) throw konnectIsStopped();
  useToken(tokenOfStandIn(konnect));
}

/** For what is taken down with its help. */
export async function resumeKonnect(stack: string): Promise<void> {
  useToken(await resumeStandIn(path.join(stackDirectory(stack), "konnect")));
}

/** The program takes the token from the environment; one that the user gave wins. */
function useToken(token: string | undefined): void {
  if (token !== undefined) process.env.KONNECT_TOKEN ||= token;
}
