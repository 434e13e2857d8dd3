import { formatTable } from "../cli/terminal/table";
import { Sandbox, argumentsFor, oneZone, requestsOf, startGlobal } from "../test/integration/support";
import { median, seconds } from "./rounds";
import { type Used, used } from "./used";

const ROUNDS = 3;
/** Control planes take ports up to 85 beyond their base; these are below those that the system gives out. */
const FIRST_BASE = 11_000;
const BASE_OF_ONE = 10_500;
const BETWEEN_BASES = 100;
const LOOKS = ["up", "preview", "status"];
const WAVES = { waves: [1, 5, "all"], settle: 0 };
/** Each zone made its mesh and its keys by itself. */
const EACH_MADE = ["Mesh default", "*Secret *"].map((resources) => ({ resources, choice: "keepGlobal" }));

interface Measured extends Used {
  requests: number;
  /** Milliseconds that so many round trips to these control planes take by themselves, `IN_FLIGHT` at a time; where it is bounded. */
  roundTrips?: number;
}

const IN_FLIGHT = 50;
/** An `up` with nothing to do, a `preview` and a `status` of many zones may take so many times what they take of one, and the round trips. */
const TIMES_ONE = 3;

/**
 * What a stack of many zones takes, beside one of a single zone: all at work one by one, and in waves. With nothing to do both are asked
 * in turns.
 */
export async function benchZones(counts: readonly number[]): Promise<void> {
  const one = await federated(1, false, BASE_OF_ONE);
  try {
    for (const count of counts) {
      const rows = [...(await rowsBeside(one, count, false)), ...(await rowsBeside(one, count, true))];
      const titles = ["TIME", "PROCESSOR", "REQUESTS", "MEMORY"].flatMap((title) => [
        `${title} OF 1`,
        `OF ${count}`,
        "RATIO",
        ...(title === "TIME" ? ["BOUND"] : []),
      ]);
      console.log(formatTable([`${count} ZONES`, "WHAT", ...titles], rows));
    }
  } finally {
    await one.sandbox.remove();
  }
}

type Federated = Awaited<ReturnType<typeof federated>>;

async function rowsBeside(one: Federated, count: number, inWaves: boolean): Promise<string[][]> {
  const how = inWaves ? `waves ${WAVES.waves.join()}` : "one by one";
  const many = await federated(count, inWaves, FIRST_BASE);
  try {
    const rows = [rowOf([how, "first up"], one.firstUp, many.firstUp)];
    for (const command of LOOKS) {
      const [bare, own] = await inTurns(command, one, many);
      const bounded = { ...own, roundTrips: await roundTrips(many.urls, own.requests) };
      rows.push(rowOf([how, command], bare, bounded));
    }
    return rows;
  } finally {
    await many.sandbox.remove();
  }
}

/** Medians of each. */
async function inTurns(command: string, ...stacks: Federated[]): Promise<Measured[]> {
  const rounds: Measured[][] = stacks.map(() => []);
  for (let round = 0; round < ROUNDS; round++)
    for (const [at, stack] of stacks.entries()) rounds[at].push(await stack.run(command));
  return rounds.map(medianOf);
}

function rowOf(titles: string[], bare: Measured, own: Measured): string[] {
  const ratio = (of: keyof Measured) => ((own[of] ?? 0) / (bare[of] ?? 1)).toFixed(1);
  const { roundTrips: trips } = own;
  return [
    ...titles,
    ...[seconds(bare.elapsed), seconds(own.elapsed), ratio("elapsed")],
    trips === undefined ? "-" : seconds(TIMES_ONE * bare.elapsed + trips),
    ...[seconds(bare.processor), seconds(own.processor), ratio("processor")],
    ...[String(bare.requests), String(own.requests), ratio("requests")],
    ...[megabytes(bare.memory), megabytes(own.memory), ratio("memory")],
  ];
}

function medianOf(rounds: readonly Measured[]): Measured {
  const of = (what: "elapsed" | "processor" | "requests" | "memory") =>
    median(rounds.map((each) => each[what]));
  return {
    ...{ elapsed: of("elapsed"), processor: of("processor") },
    ...{ requests: of("requests"), memory: of("memory") },
  };
}

/** A stack of so many zones that have joined. */
async function federated(count: number, inWaves: boolean, base: number) {
  const sandbox = new Sandbox();
  try {
    const global = await startGlobal(sandbox.directory);
    const { config } = await oneZone({ content: sandbox.writeContent("one", CONTENT), store: "memory" });
    const [zone] = config.zones as object[];
    const zones = Array.from({ length: count }, (_, at) => ({
      ...{ ...zone, name: `zone-${at + 1}`, portBase: base + at * BETWEEN_BASES },
    }));
    const rollout = inWaves ? { rollout: WAVES } : {};
    sandbox.writeStack("test", { zones, global: global.config, onConflict: EACH_MADE, ...rollout });
    await sandbox.startZones("test");
    const urls = [global.url, ...zones.map(({ portBase }) => `http://127.0.0.1:${portBase + 81}`)];
    const asked = async () => {
      const requests = await Promise.all(urls.map(requestsOf));
      return requests.reduce((sum, { reads, writes }) => sum + reads + writes, 0);
    };
    const run = async (command: string): Promise<Measured> => {
      const before = await asked();
      const taken = await used([...argumentsFor("cli/main"), command, "--stack", "test"], sandbox);
      // of the first up without what was asked of the zones before they were started anew
      return { ...taken, requests: (await asked()) - before };
    };
    return { sandbox, urls, run, firstUp: await run("up") };
  } catch (error) {
    await sandbox.remove();
    throw error;
  }
}

/** How long so many of the smallest requests take to the same control planes, in turns. */
async function roundTrips(urls: readonly string[], count: number): Promise<number> {
  const begun = performance.now();
  let made = 0;
  const ask = async () => {
    while (made < count) await (await fetch(`${urls[made++ % urls.length]}/`)).text();
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, ask));
  return performance.now() - begun;
}

const CONTENT = [{ type: "Mesh", name: "default", skipCreatingInitialPolicies: ["*"] }];

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
