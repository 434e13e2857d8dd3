import { formatTable } from "../cli/terminal/table";
import { Sandbox, argumentsFor, oneZone, requestsOf, startGlobal } from "../test/integration/support";
import { median, seconds } from "./rounds";
import { type Used, used } from "./used";

const ROUNDS = 3;
/** Control planes take ports up to 85 beyond their base; these are below those that the system gives out. */
const FIRST_BASE = 11_000;
const BETWEEN_BASES = 100;
const LOOKS = ["up", "preview", "status"];
const WAVES = { waves: [1, 5, "all"], settle: 0 };
/** Each zone made its mesh and its keys by itself. */
const EACH_MADE = ["Mesh default", "*Secret *"].map((resources) => ({ resources, choice: "keepGlobal" }));

interface Measured extends Used {
  requests: number;
  /** Milliseconds that so many round trips to these control planes take by themselves, `IN_FLIGHT` at a time. */
  roundTrips: number;
}

const IN_FLIGHT = 50;
/** An `up` with nothing to do, a `preview` and a `status` of many zones may take so many times what they take of one, and the round trips. */
const TIMES_ONE = 3;

/** What a stack of many zones takes, beside one of a single zone: all at work one by one, and in waves. */
export async function benchZones(counts: readonly number[]): Promise<void> {
  const one = await measure(1, false);
  for (const count of counts) {
    const rows: string[][] = [];
    for (const inWaves of [false, true]) {
      const many = await measure(count, inWaves);
      for (const [what, own] of many) {
        const bare = one.get(what) as Measured;
        const ratio = (of: keyof Measured) => (own[of] / bare[of]).toFixed(1);
        const bound = TIMES_ONE * bare.elapsed + own.roundTrips;
        rows.push([
          ...[inWaves ? `waves ${WAVES.waves.join()}` : "one by one", what],
          ...[seconds(bare.elapsed), seconds(own.elapsed), ratio("elapsed")],
          LOOKS.includes(what) ? seconds(bound) : "-",
          ...[seconds(bare.processor), seconds(own.processor), ratio("processor")],
          ...[String(bare.requests), String(own.requests), ratio("requests")],
          ...[megabytes(bare.memory), megabytes(own.memory), ratio("memory")],
        ]);
      }
    }
    const titles = ["TIME", "PROCESSOR", "REQUESTS", "MEMORY"].flatMap((title) => [
      `${title} OF 1`,
      `OF ${count}`,
      "RATIO",
      ...(title === "TIME" ? ["BOUND"] : []),
    ]);
    console.log(formatTable([`${count} ZONES`, "WHAT", ...titles], rows));
  }
}

/** By what is done: the first up, and then each command with nothing to do. */
async function measure(count: number, inWaves: boolean): Promise<Map<string, Measured>> {
  const sandbox = new Sandbox();
  try {
    const global = await startGlobal(sandbox.directory);
    const { config } = await oneZone({ content: sandbox.writeContent("one", CONTENT), store: "memory" });
    const [zone] = config.zones as object[];
    const zones = Array.from({ length: count }, (_, at) => ({
      ...{ ...zone, name: `zone-${at + 1}`, portBase: FIRST_BASE + at * BETWEEN_BASES },
    }));
    const rollout = inWaves ? { rollout: WAVES } : {};
    sandbox.writeStack("test", { zones, global: global.config, onConflict: EACH_MADE, ...rollout });
    await sandbox.startZones("test");
    const urls = [global.url, ...zones.map(({ portBase }) => `http://127.0.0.1:${portBase + 81}`)];
    const asked = async () => {
      const requests = await Promise.all(urls.map(requestsOf));
      return requests.reduce((sum, { reads, writes }) => sum + reads + writes, 0);
    };
    const run = async (command: string) => {
      const before = await asked();
      const taken = await used([...argumentsFor("cli/main"), command, "--stack", "test"], sandbox);
      // of the first up without what was asked of the zones before they were started anew
      const requests = (await asked()) - before;
      return { ...taken, requests, roundTrips: 0 };
    };
    const found = new Map<string, Measured>([["first up", await run("up")]]);
    for (const command of LOOKS) {
      const rounds: Measured[] = [];
      for (let round = 0; round < ROUNDS; round++) rounds.push(await run(command));
      const of = (what: keyof Measured) => median(rounds.map((each) => each[what]));
      found.set(command, {
        ...{ elapsed: of("elapsed"), processor: of("processor") },
        ...{ requests: of("requests"), memory: of("memory") },
        roundTrips: await roundTrips(urls, of("requests")),
      });
    }
    return found;
  } finally {
    await sandbox.remove();
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
