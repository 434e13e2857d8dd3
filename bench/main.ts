/**
 * Measures on this machine and prints ratios within this one run. What each part needs is loaded when it is measured, so that
 * the help, and what is refused, come at once.
 */
const PARTS = {
  start: {
    does: "the help, refusals and the first line of each command, beside a bare Node and Pulumi's SDK alone",
    run: async () => (require("./start") as typeof import("./start")).benchStart(),
  },
  idle: {
    does: "up and preview with nothing to do, beside a program without a resource; requests of a first up",
    run: async () => (require("./idle") as typeof import("./idle")).benchNothingToDo(),
  },
  federate: {
    does: "a federation of so many resources, beside their bare PUTs and beside kumactl",
    run: async (sizes: readonly number[]) =>
      (require("./federate/main") as typeof import("./federate/main")).benchFederate(sizes),
  },
  zones: {
    does: "a stack of so many zones beside one zone: the first up one by one and in waves, up, preview and status with nothing to do",
    run: async (counts: readonly number[]) =>
      (require("./zones") as typeof import("./zones")).benchZones(counts),
  },
};
const EXIT_ERROR = 2;
/** Resources of a federation where no numbers are given: enough to see the ratio within a minute. */
const SIZES = [100];
const ZONES = [50];
/** Parts that take numbers, with those that serve where none are given. */
const NUMBERS: Record<string, readonly number[]> = { federate: SIZES, zones: ZONES };

const USAGE = `Usage: npm run bench [-- PART]

Measures on this machine and prints ratios within this one run: all parts, or one of
${Object.entries(PARTS)
  .map(([name, { does }]) => `  ${name.padEnd(10)}${does}`)
  .join("\n")}
federate takes numbers of resources (default ${SIZES.join(", ")}), zones numbers of zones (default ${ZONES.join(", ")}).`;

async function main(args: string[]): Promise<void> {
  const [what, ...sizes] = args;
  if (args.some((arg) => arg === "--help" || arg === "-h")) return console.log(USAGE);
  const isKnown = what === undefined || Object.hasOwn(PARTS, what);
  const isRight =
    sizes.length === 0 || (what in NUMBERS && sizes.every((size) => /^[1-9]\d{0,5}$/.test(size)));
  if (!isKnown || !isRight) {
    console.error(`error: npm run bench does not take ${args.join(" ")}; nothing was measured.\n\n${USAGE}`);
    process.exitCode = EXIT_ERROR;
    return;
  }
  for (const [name, { run }] of Object.entries(PARTS)) {
    if (what !== undefined && what !== name) continue;
    await run(sizes.length > 0 ? sizes.map(Number) : (NUMBERS[name] ?? []));
    console.log();
  }
}

void main(process.argv.slice(2));
