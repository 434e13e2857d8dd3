import * as fs from "node:fs";
import * as path from "node:path";
import { stackDirectory } from "../../stack/directory";
import { isAlive } from "../../toolchain/process/processId";
import { assertTrusted } from "../../toolchain/trustedPath";
import { UsageError } from "../commandLine/usageError";

/**
 * Where this project keeps what belongs to a clone of it: Pulumi's state, the passphrase that encrypts the secrets in
 * it, and the files of the control planes that it runs. `KUMA_FEDERATION_STATE` moves it.
 */
export function stateDirectory(root: string): string {
  return path.resolve(root, process.env.KUMA_FEDERATION_STATE ?? ".kuma-federation");
}

/** Says that the places below were made by this program, so that they may be removed whole. */
const RECORD = "made-by-kuma-federation";
/** What the program makes for all stacks. The files of a stack's control planes lie apart, below `stacks`. */
const PLACES = ["backend", "bin", "passphrase", "pulumi-home", "tmp", "workspace"] as const;

/** The program's own places in the state directory, by their paths. */
export type State = Record<(typeof PLACES)[number], string> & { directory: string };

/**
 * Opens the state directory, and makes it where it is not there. It may hold other things: what stands in a place of this
 * program's without being its own is left alone and refused.
 */
export function openState(root: string): State {
  const directory = stateDirectory(root);
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
  // programs are run from it, and the engine runs code that stands in the state
  assertTrusted(directory, "The state directory");
  const record = path.join(directory, RECORD);
  const taken = PLACES.map((place) => path.join(directory, place)).find((place) => fs.existsSync(place));
  // looked for last, as another command may be making all of this at the same moment
  if (taken !== undefined && !fs.existsSync(record)) {
    throw new UsageError(
      `${taken} was not made by this version of the program, which keeps files of its own there. Nothing was changed. ` +
        `Take down the stacks of an earlier version with that version, or name another directory with the variable KUMA_FEDERATION_STATE.`,
    );
  }
  fs.writeFileSync(record, `${PLACES.join("\n")}\n`, { mode: 0o600 });
  const state = placesIn(directory);
  for (const place of ["bin", "pulumi-home", "tmp", "workspace"] as const)
    fs.mkdirSync(state[place], { recursive: true, mode: 0o700 });
  return state;
}

/** Where the own backend keeps the state of a stack, as Pulumi has it. */
export function stateFileOf({ backend }: Pick<State, "backend">, project: string, stack: string): string {
  return path.join(backend, ".pulumi", "stacks", project, `${stack}.json`);
}

function placesIn(directory: string): State {
  const places = PLACES.map((place) => [place, path.join(directory, place)] as const);
  return { ...(Object.fromEntries(places) as Record<(typeof PLACES)[number], string>), directory };
}

/**
 * Has this process, the engine and all that they start keep temporary files in a directory that others cannot look into,
 * and that goes with this process; what killed ones have left goes now. Windows gives each user a temporary directory.
 */
export function useOwnTemporaryDirectory({ tmp }: State): void {
  if (process.platform === "win32" || process.env.TMPDIR?.startsWith(tmp + path.sep)) return;
  for (const name of fs.readdirSync(tmp)) {
    if (!isAlive(Number.parseInt(name, 10)))
      fs.rmSync(path.join(tmp, name), { recursive: true, force: true });
  }
  const own = fs.mkdtempSync(path.join(tmp, `${process.pid}-`));
  const before = process.env.TMPDIR;
  process.env.TMPDIR = own;
  process.once("exit", () => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    fs.rmSync(own, { recursive: true, force: true });
  });
}

/** Directories of a stack's control planes, see `readStackConfig`. */
const OF_A_STACK = ["global", "zones", "konnect"];

/**
 * Removes what the program has made for a stack, and with the last stack what it has made for all of them. What else lies
 * in the state directory stays, and with `keepPassphrase` the passphrase.
 *
 * @returns the file of the passphrase where it was kept
 */
export function forgetStack(
  root: string,
  stack: string,
  { keepPassphrase = false } = {},
): string | undefined {
  const files = path.resolve(root, stackDirectory(stack));
  for (const name of OF_A_STACK) remove(path.join(files, name));
  removeIfEmpty(files);
  removeIfEmpty(path.dirname(files));

  const state = placesIn(stateDirectory(root));
  remove(path.join(state.workspace, stack));
  if (fs.readdirSync(state.workspace).length > 0) return undefined;
  for (const place of ["bin", "pulumi-home", "tmp", "workspace"] as const) remove(state[place]);
  // a user may keep stacks of other projects in it
  if (holdsStacks(state.backend)) return undefined;
  remove(state.backend);
  if (keepPassphrase && fs.existsSync(state.passphrase)) return state.passphrase;
  remove(state.passphrase);
  remove(path.join(state.directory, RECORD));
  removeIfEmpty(state.directory);
  return undefined;
}

function holdsStacks(backend: string): boolean {
  const stacks = path.join(backend, ".pulumi", "stacks");
  return (
    fs.existsSync(stacks) &&
    fs.readdirSync(stacks, { recursive: true, withFileTypes: true }).some((entry) => entry.isFile())
  );
}

/** Where Pulumi's own backend keeps anything of a stack (Pulumi 3.246, pkg/backend/diy): in a directory of its name, */
const DIRECTORIES_IN_BACKEND = ["backups", "history", "locks/organization"];
/** or in files that begin with its name: the state, packed or not, the one before, and those that a user had it retain. */
const FILES_IN_BACKEND = /^(\.json(\.gz|\.zst)?(\.bak|\.\d+)?|\.pulumi-tags)(\.attrs)?$/;

/**
 * Removes what a backend of this program's keeps of a stack that was removed from it: a copy of its last state, those of
 * each run before, and the history, all of them with its secrets in encrypted form.
 */
export function forgetInBackend({ backend }: State, project: string, stack: string): void {
  for (const part of DIRECTORIES_IN_BACKEND) remove(path.join(backend, ".pulumi", part, project, stack));
  const stacks = path.join(backend, ".pulumi", "stacks", project);
  for (const name of fs.existsSync(stacks) ? fs.readdirSync(stacks) : []) {
    if (name.startsWith(stack) && FILES_IN_BACKEND.test(name.slice(stack.length)))
      remove(path.join(stacks, name));
  }
}

function remove(place: string): void {
  fs.rmSync(place, { recursive: true, force: true, maxRetries: 5 });
}

function removeIfEmpty(directory: string): void {
  try {
    fs.rmdirSync(directory);
  } catch (error) {
    if (!["ENOENT", "ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
