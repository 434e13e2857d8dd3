import * as readline from "node:readline/promises";
import { type OnUndo, enumerated } from "../../kuma";
import { ofStack } from "../commandLine/ofStack";
import type { Standing, StandingZone } from "../stack/standing/standing";

/**
 * What goes with a stack, and what stays, a line each.
 *
 * @param here the control planes of the stack on this machine: `global`, `zones/<name>`, `konnect`
 */
export function describeTakingDown(
  stack: string,
  standing: Pick<Standing, "zones" | "alone" | "endsGlobal"> | undefined,
  here: readonly string[],
  onUndo: OnUndo,
): string[] {
  if (!standing && here.length === 0) return [`There is nothing of stack ${stack} but its files here.`];
  const { zones = [], alone = [], endsGlobal = false } = standing ?? {};
  const { members, installed } = byOrigin(zones);
  const stays = [...members, ...alone.map(({ name }) => name)].filter(
    (zone) => !here.includes(`zones/${zone}`),
  );
  const brought = endsGlobal
    ? "it goes with the global"
    : onUndo === "removeFromGlobal"
      ? "it is taken off the global, unless others may use it"
      : "it stays on the global (onUndo: keepOnGlobal)";
  return [
    `destroy takes down stack ${stack}:`,
    ...(members.length > 0
      ? [
          `  off the global, each with what it had before: zone ${members.join(", ")}; what they brought: ${brought}`,
        ]
      : []),
    ...(installed.length > 0 ? [`  deleted: zone ${installed.join(", ")}, which the stack installed`] : []),
    ...(here.length > 0
      ? [`  ended, and their files and content deleted: ${controlPlanes(here, here.length).join(", ")}`]
      : []),
    ...(endsGlobal && !here.includes("global")
      ? ["  deleted: the global control plane that the stack made"]
      : []),
    ...(stays.length > 0 ? [`  stays, and runs alone: zone ${stays.join(", ")}`] : []),
    ...(standing && !endsGlobal ? ["  stays: the global control plane"] : []),
  ];
}

/** Zones that ran alone before, and those that the stack has installed. */
function byOrigin(zones: readonly StandingZone[]) {
  const names = (isNew: boolean) =>
    zones.filter(({ isInstalled = false }) => isInstalled === isNew).map(({ zoneName }) => zoneName);
  return { members: names(false), installed: names(true) };
}

/** @param most how many zones are named */
function controlPlanes(here: readonly string[], most: number): string[] {
  const zones = here.flatMap((place) => /^zones\/([^/]+)$/.exec(place)?.[1] ?? []);
  return [
    ...(here.includes("global") ? ["the global control plane"] : []),
    ...(zones.length === 1 ? [`the control plane of zone ${zones[0]}`] : []),
    ...(zones.length > 1 ? [`the control planes of zones ${enumerated(zones, most)}`] : []),
    ...(here.includes("konnect") ? ["the stand-in for Konnect"] : []),
  ];
}

/** How many zones an `up` names at its end, of those that run on this machine. */
const NAMED_AT_THE_END = 3;

/** What `up` says of it at its end. */
export function whatDestroyDoes(
  standing: Pick<Standing, "zones" | "endsGlobal"> | undefined,
  here: readonly string[],
): string {
  const { members, installed } = byOrigin(standing?.zones ?? []);
  const parts = [
    ...(members.length > 0
      ? [`takes the ${members.length === 1 ? "zone" : "zones"} off the global again`]
      : []),
    ...(installed.length > 0 ? [`deletes zone ${installed.join(", ")}`] : []),
    ...(here.length > 0
      ? [`ends ${controlPlanes(here, NAMED_AT_THE_END).join(" and ")}, on this machine`]
      : []),
    ...(standing?.endsGlobal && !here.includes("global") ? ["deletes the global control plane"] : []),
  ];
  return parts.length > 0 ? parts.join(", and ") : "removes the files of the stack";
}

/** Whether there is somebody to ask. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true;
}

export function notAsked(stack: string): string {
  const name = ofStack(stack) || " --";
  return (
    `destroy takes down stack ${stack}, and asks before it does; there is no terminal here to ask on. Nothing was changed. ` +
    `If that is the stack that you mean: npm run destroy${name} --yes`
  );
}

export async function isAgreed(): Promise<boolean> {
  const terminal = readline.createInterface({ input: process.stdin, output: process.stdout });
  // at the end of input nobody has agreed
  const end = new Promise<string>((resolve) => terminal.once("close", () => resolve("")));
  try {
    const answer = await Promise.race([terminal.question("Take it down? Type yes: "), end]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
