import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { formatTable } from "../cli/terminal/table";
import { Requests, Sandbox, oneZone, requestsOf, startGlobal } from "../test/integration/support";
import { benchFederate } from "./federate/main";

/**
 * Measures on this machine and prints ratios within this one run:
 * - `up` and `preview` with nothing to do, beside the same of a program without a resource;
 * - requests that a federation sends, beside the least that could do it;
 * - with the arguments `federate` and numbers of resources only a federation beside kumactl, see federate/main.ts.
 */
const ROUNDS = 5;
const EXIT_ERROR = 2;
/** Resources of a federation where no numbers are given: enough to see the ratio within a minute. */
const SIZES = [100];
const ROOT = path.resolve(__dirname, "..");

const USAGE = `Usage: npm run bench [-- federate [NUMBER...]]

Measures on this machine and prints ratios within this one run: up and preview with nothing to do, and a federation of ${SIZES.join(", ")}
resources. With federate only a federation, of as many resources as are given.`;

async function main(args: string[]): Promise<void> {
  const [what, ...sizes] = args;
  if (args.some((arg) => arg === "--help" || arg === "-h")) return console.log(USAGE);
  if ((what !== undefined && what !== "federate") || !sizes.every((size) => /^[1-9]\d{0,5}$/.test(size))) {
    console.error(`error: npm run bench does not take ${args.join(" ")}; nothing was measured.\n\n${USAGE}`);
    process.exitCode = EXIT_ERROR;
    return;
  }
  if (what === "federate") return benchFederate(sizes.length > 0 ? sizes.map(Number) : SIZES);
  await benchNothingToDo();
  console.log();
  await benchFederate(SIZES);
}

async function benchNothingToDo(): Promise<void> {
  const sandbox = new Sandbox();
  try {
    const global = await startGlobal(sandbox.directory);
    const { config, zoneUrl } = await oneZone();
    sandbox.writeStack("test", { ...config, global: global.config });

    await expectSuccess(sandbox, "preview");
    const before = await bothSides(zoneUrl, global.url);
    await expectSuccess(sandbox, "up");
    const first = difference(await bothSides(zoneUrl, global.url), before);

    const rows: string[][] = [];
    for (const command of ["up", "preview"]) {
      const empty = median(() =>
        run("bench/emptyProgram.ts", command, path.join(sandbox.directory, "empty")),
      );
      const ours: number[] = [];
      const start = await bothSides(zoneUrl, global.url);
      for (let round = 0; round < ROUNDS; round++) {
        const begun = performance.now();
        await expectSuccess(sandbox, command);
        ours.push(performance.now() - begun);
      }
      const sent = difference(await bothSides(zoneUrl, global.url), start);
      const own = ours.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)];
      rows.push([command, seconds(empty), seconds(own), (own / empty).toFixed(2), perRound(sent)]);
    }
    console.log(
      formatTable(
        ["NOTHING TO DO", "EMPTY PROGRAM", "THIS PROGRAM", "RATIO", "REQUESTS (ZONE + GLOBAL)"],
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
  const each = (side: Counts) => `${side.reads / ROUNDS} reads, ${side.writes} writes`;
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

/** Median of some runs, in milliseconds; one run before them warms up. */
function median(work: () => void): number {
  work();
  const times = Array.from({ length: ROUNDS }, () => {
    const begun = performance.now();
    work();
    return performance.now() - begun;
  });
  return times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)];
}

function run(...args: string[]): void {
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--require", "./toolchain/typescript.js", ...args],
    {
      cwd: ROOT,
      encoding: "utf8",
    },
  );
  if (status !== 0) throw new Error(stderr);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

void main(process.argv.slice(2));
