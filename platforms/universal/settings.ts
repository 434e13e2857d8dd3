import { KumaError } from "../../kuma";
import { KumaCp, KumaCpChoice, findKumaCp } from "../../toolchain/kumaCp/kumaControlPlane";
import { ControlPlaneProcess, ProcessSettings } from "./controlPlaneProcess";
import { isFederated } from "./environment";
import { PostgresStore, postgresEnvironment } from "./postgresStore";

export type StoreChoice = "auto" | "memory" | "postgres";

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
   * store without a database; `memory` is that for both, and is lost when the process ends; `postgres` is the database
   * below, and needs a real `kuma-cp`.
   */
  store: StoreChoice;
  postgres?: PostgresStore;
  /** The setting of the stack that moves the ports, for messages. */
  portSetting: string;
}

/** A control plane's API on this machine; known before the control plane runs. */
export function apiUrl({ portBase }: Pick<UniversalArgs, "portBase">): string {
  return `http://127.0.0.1:${portBase + 81}`;
}

/**
 * Which program runs is decided when a control plane is started for the first time, and then kept: another one must not
 * take the place of the one that holds the data.
 */
export async function processSettings(
  args: UniversalArgs,
  environment: Record<string, string>,
): Promise<ProcessSettings> {
  const { command, storeType } = keptProgram(args) ?? (await findProgram(args));
  const { name: title, portBase, portSetting } = args;
  const postgres = storeType === "postgres" ? args.postgres : undefined;
  const store = postgres ? postgresEnvironment(postgres, postgres.database) : { KUMA_STORE_TYPE: storeType };
  return {
    title,
    command,
    portBase,
    portSetting,
    environment: { ...environment, ...store },
    postgres,
  };
}

/**
 * How a control plane is run again: as it was last, with the ports and the database server that the stack names today.
 * Its data stays where it is, so another store or another database is refused.
 */
export function settingsAgain(last: ProcessSettings, args: UniversalArgs): ProcessSettings {
  const { name, portBase, postgres } = args;
  const again = { ...last, portBase };
  if (!last.postgres && !postgres) return again;
  if (!last.postgres || !postgres) throw holdsItsData(name, "store", last.environment.KUMA_STORE_TYPE);
  const federated = isFederated(last.environment);
  const inUse = federated ? (["database", "federatedDatabase"] as const) : (["database"] as const);
  for (const key of inUse) {
    if (postgres[key] !== last.postgres[key]) throw holdsItsData(name, `postgres.${key}`, last.postgres[key]);
  }
  const store = postgresEnvironment(postgres, federated ? postgres.federatedDatabase : postgres.database);
  return {
    ...again,
    environment: { ...last.environment, ...store },
    postgres: { ...last.postgres, ...postgres },
  };
}

function holdsItsData(name: string, setting: string, former: string): KumaError {
  return new KumaError(
    "invalid",
    `The setting ${setting} of ${name} has changed, but ${name} was started with ${former}, which holds its data. ` +
      `Nothing was changed. Set it back, or take the stack down first.`,
  );
}

function keptProgram(args: UniversalArgs): { command: string[]; storeType: string } | undefined {
  const last = new ControlPlaneProcess(args.directory).settings();
  if (last === undefined) return undefined;
  assertSameData(last, args);
  return { command: last.command, storeType: last.environment.KUMA_STORE_TYPE };
}

/** Fails where the stack wants a control plane that was started before to have another program, store or product. */
export function assertKept(args: UniversalArgs & { product?: string }): void {
  const last = new ControlPlaneProcess(args.directory).settings();
  if (last === undefined) return;
  assertSameData(last, args);
  const { STAND_IN_PRODUCT: product = "Kuma" } = last.environment;
  if (isStandIn(last) && product !== (args.product ?? "Kuma"))
    throw holdsItsData(args.name, "product", product);
}

function assertSameData(last: ProcessSettings, { name, kumaCp, store }: UniversalArgs): void {
  const wanted = { auto: undefined, embedded: true, path: false, download: false }[kumaCp];
  if (wanted !== undefined && wanted !== isStandIn(last)) {
    throw new KumaError(
      "invalid",
      `The setting kumaCp of ${name} is ${kumaCp}, but ${name} was started with ${isStandIn(last) ? "the stand-in" : last.command[0]}, which holds its data. ` +
        `Nothing was changed. Set it back, or take the stack down first.`,
    );
  }
  const { KUMA_STORE_TYPE: storeType } = last.environment;
  const isKept = store === "auto" ? storeType !== "postgres" : store === storeType;
  if (!isKept) throw holdsItsData(name, "store", storeType);
}

/**
 * What `auto` came to in this run: a program, or `embedded`. In the environment, since the engine's provider asks again
 * for the next control plane, and is neither to wait for a network again that cannot be reached nor to decide otherwise.
 */
const DECIDED = "KUMA_FEDERATION_AUTO_KUMA_CP";

async function findOnce(choice: KumaCpChoice): Promise<KumaCp> {
  const decided = choice === "auto" ? process.env[DECIDED] : undefined;
  const common = { log: (line: string) => console.error(line) };
  if (decided === "embedded") return findKumaCp({ ...common, choice: "embedded", env: process.env });
  if (decided !== undefined) {
    return findKumaCp({ ...common, choice: "path", env: { ...process.env, KUMA_CP: decided } });
  }
  const found = await findKumaCp({ ...common, choice, env: process.env, terminal: process.stderr });
  if (choice === "auto") process.env[DECIDED] = found.standIn ? "embedded" : found.command[0];
  return found;
}

async function findProgram({
  name,
  kumaCp,
  store,
}: UniversalArgs): Promise<{ command: string[]; storeType: string }> {
  const { command, standIn } = await findOnce(kumaCp);
  if (standIn && store === "postgres") {
    throw new KumaError(
      "invalid",
      `The setting store of ${name} is postgres, which the stand-in does not have. Nothing was started. ` +
        `Name a real kuma-cp with the variable KUMA_CP, or choose another store.`,
    );
  }
  return { command, storeType: store !== "auto" ? store : standIn ? "file" : "memory" };
}

/** Whether a control plane's program is a stand-in: that for kuma-cp, or that for Konnect. */
export function isStandIn(settings: Pick<ProcessSettings, "command">): boolean {
  return settings.command.some((part) => /stand-in\/(kuma-cp|konnect)\.js$/.test(part));
}
