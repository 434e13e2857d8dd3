import * as fs from "node:fs";
import * as path from "node:path";
import { formatTable } from "../cli/terminal/table";
import {
  Requests,
  Sandbox,
  argumentsFor,
  oneZone,
  requestsOf,
  startGlobal,
} from "../test/integration/support";
import { compared, inTurns, seconds } from "./rounds";
import { used } from "./used";

const ROUNDS = 5;

/**
 * `up` and `preview` with nothing to do, beside the same of a program without a resource, and requests that a federation sends,
 * beside the least that could do it.
 */
export async function benchNothingToDo(): Promise<void> {
  const sandbox = new Sandbox();
  try {
    const global = await startGlobal(sandbox.directory);
    const { config, zoneUrl } = await oneZone();
    sandbox.writeStack("test", { ...config, global: global.config });

    // so that it can be asked what it was asked; a preview would take it away again
    await sandbox.startZones("test");
    await expectSuccess(sandbox, "preview");
    const before = await bothSides(zoneUrl, global.url);
    await expectSuccess(sandbox, "up");
    const first = difference(await bothSides(zoneUrl, global.url), before);

    const rows: string[][] = [];
    for (const command of ["up", "preview"]) {
      const start = await bothSides(zoneUrl, global.url);
      const pairs = await inTurns(
        ROUNDS,
        () => used([...EMPTY, command, path.join(sandbox.directory, "empty")], sandbox),
        () => used([...argumentsFor("cli/main"), command, "--stack", "test"], sandbox),
      );
      const sent = difference(await bothSides(zoneUrl, global.url), start);
      for (const what of ["elapsed", "processor"] as const) {
        const { bare, own, ratio } = compared(pairs.map(([empty, full]) => [empty[what], full[what]]));
        const row = [seconds(bare), seconds(own), ratio.toFixed(2)];
        rows.push([command, what, ...row, what === "elapsed" ? perRound(sent) : ""]);
      }
    }
    console.log(
      formatTable(
        ["NOTHING TO DO", "TIME", "EMPTY PROGRAM", "THIS PROGRAM", "RATIO", "REQUESTS (ZONE + GLOBAL)"],
        rows,
      ),
    );

    // the zone's own count began anew with its restart
    console.log(
      `\nFirst federation, with the comparison of both sides: ${first.global.reads} reads from the global`,
    );
    const [carried, kinds] = carriedBy(sandbox);
    console.log(
      formatTable(
        ["WRITES TO THE GLOBAL", "LEAST POSSIBLE", "RATIO"],
        [[String(first.global.writes), String(carried), (first.global.writes / carried).toFixed(2)]],
      ),
    );
    console.log(`(${carried} resources of ${kinds} types were carried; each needs one write)`);
  } finally {
    await sandbox.remove();
  }
}

type Counts = Pick<Requests, "reads" | "writes">;

interface Sides {
  zone: Counts;
  global: Counts;
}

async function bothSides(zoneUrl: string, globalUrl: string): Promise<Sides> {
  return { zone: await requestsOf(zoneUrl), global: await requestsOf(globalUrl) };
}

function difference(after: Sides, before: Sides): Sides {
  const minus = (a: Counts, b: Counts) => ({ reads: a.reads - b.reads, writes: a.writes - b.writes });
  return { zone: minus(after.zone, before.zone), global: minus(after.global, before.global) };
}

function perRound({ zone, global }: Sides): string {
  const each = (side: Counts) => `${side.reads / (ROUNDS + 1)} reads, ${side.writes} writes`;
  return `${each(zone)} + ${each(global)}`;
}

/** How many resources, and of how many types, were carried: the output `federatedResources` in the stack's state. */
function carriedBy(sandbox: Sandbox): [resources: number, types: number] {
  const file = path.join(sandbox.state, "backend/.pulumi/stacks/kuma-federation/test.json");
  const { checkpoint } = JSON.parse(fs.readFileSync(file, "utf8")) as {
    checkpoint: { latest: { resources: { type: string; outputs?: Record<string, unknown> }[] } };
  };
  const stack = checkpoint.latest.resources.find(({ type }) => type === "pulumi:pulumi:Stack");
  const counts = Object.values(stack?.outputs?.federatedResources as Record<string, number>);
  return [counts.reduce((sum, count) => sum + count, 0), counts.length];
}

async function expectSuccess(sandbox: Sandbox, command: string): Promise<void> {
  const { status, output } = await sandbox.run(command, "--stack", "test");
  if (status !== 0) throw new Error(`${command} failed:\n${output}`);
}

const EMPTY = ["--require", "./toolchain/typescript.js", "bench/emptyProgram.ts"];
