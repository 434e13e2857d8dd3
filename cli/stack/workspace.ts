import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import * as yaml from "js-yaml";
import type { InlineProgramArgs, PulumiCommand, PulumiFn, Stack } from "@pulumi/pulumi/automation";
import { PACKAGE_ROOT } from "../../toolchain/packageRoot";
import {
  writeDynamicProviderShim,
  writeEngineShim,
  writePolicyPackShim,
} from "../../toolchain/pulumi/dynamicProvider";
import { isAlive } from "../../toolchain/process/processId";
import { ensurePulumiEngine } from "../../toolchain/pulumi/pulumiEngine";
import { exportDeployment, importDeployment } from "./deployment";
import { ArgumentsChange, EnginePlace, EngineStack } from "./engineStack";
import { passphraseOf, saltFor, saltOfState } from "./file/passphrase";
import { settlePassphrase } from "./rotation";
import { StackFile, readProjectFile, readStackFile, stackFilePath } from "./file/stackFile";
import {
  State,
  forgetInBackend,
  openState,
  stateDirectory,
  stateFileOf,
  useOwnTemporaryDirectory,
} from "./stateDirectory";

/** Whether there may be a state of the stack: this clone has run a command on it, or the backend is another one. */
export function hasBackendOf(root: string, stackName: string): boolean {
  return !hasOwnBackend() || fs.existsSync(path.join(stateDirectory(root), "workspace", stackName));
}

/** What the engine gets in place of a stack's file. */
export type StackFileChange = (file: StackFile) => StackFile;

/**
 * Opens a stack for the engine; gets an engine first where there is none. Progress goes to standard error. The backend is a
 * directory of this project unless `PULUMI_BACKEND_URL` names another.
 */
export async function openWithEngine(
  root: string,
  stackName: string,
  change: StackFileChange = (file) => file,
): Promise<EngineStack> {
  const log = (line: string) => console.error(line);
  // first, as nothing is looked for or built where the state cannot be kept
  const state = openState(root);
  useOwnTemporaryDirectory(state);
  const engine = await ensurePulumiEngine({ env: process.env, log, terminal: process.stderr });
  await Promise.all([
    writeDynamicProviderShim(state.bin, root),
    writeEngineShim(state.bin, engine.path),
    writePolicyPackShim(state.bin),
  ]);
  const variables = {
    // plugins that come with the engine lie beside it
    PATH: [path.dirname(engine.path), process.env.PATH].join(path.delimiter),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK: "true",
    // where neither the stack's file nor this clone has a salt, that of the state goes on, and no new one is made in each clone
    PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
    PULUMI_HOME: state["pulumi-home"],
    ...backendVariables(state),
  };
  const workDir = path.join(state.workspace, stackName);
  const place = {
    ...{ command: path.join(state.bin, "pulumi"), workDir, variables },
    ...(hasOwnBackend() && { stateFile: stateFileOf(state, readProjectFile(root).name, stackName) }),
  };
  const stack = new EngineStack(stackName, place, (change) =>
    loadOperations(root, stackName, state, place, change),
  );
  await settlePassphrase(stack, log);
  await writeWorkspace(root, stackName, workDir, state, change);
  await releaseStaleLock(stack, state);
  await forgetPendingOperations(stack);
  return stack;
}

/** The stack for Pulumi's SDK, with the program of `index.ts` run by this process, so that no language host is needed. */
async function loadOperations(
  root: string,
  stackName: string,
  state: State,
  { workDir, variables }: EnginePlace,
  change: ArgumentsChange = (args) => args,
): Promise<Stack> {
  require(path.join(PACKAGE_ROOT, "toolchain", "lazyClosures.js"));
  const sdk = require("@pulumi/pulumi/automation") as typeof import("@pulumi/pulumi/automation");
  withoutDebugMessages();
  // `bin/pulumi` there
  const finding = sdk.PulumiCommand.get({ root: state.directory, skipVersionCheck: true });
  // as it asks the engine for its version, which takes as long
  const main = loadProgram();
  const args: InlineProgramArgs = {
    stackName,
    projectName: readProjectFile(root).name,
    program: async () => main(),
  };
  // no part of its types (@pulumi/pulumi 3.248, automation/cmd.ts)
  const command = (await finding) as PulumiCommand & { run(given: string[], ...more: unknown[]): unknown };
  const runs = command.run.bind(command);
  command.run = (given, ...more) => runs(change(given), ...more);
  const stack = await sdk.LocalWorkspace.createOrSelectStack(args, {
    workDir,
    envVars: variables,
    pulumiHome: state["pulumi-home"],
    pulumiCommand: command,
  });
  // after each operation it asks the engine three times for them (@pulumi/pulumi 3.248, automation/stack.ts), a third of a second
  // each; whoever wants to know reads the state once
  stack.outputs = async () => ({});
  stack.info = async () => undefined;
  return stack;
}

/**
 * Pulumi's SDK tells the engine of each of its steps for people who debug it: for each resource four requests, one after another,
 * which the engine sends back as events with all that the resource is given (@pulumi/pulumi 3.248, log/index.ts, runtime/resource.ts).
 * No command shows one.
 */
function withoutDebugMessages(): void {
  const log = require("@pulumi/pulumi/log") as { debug(): Promise<void> };
  log.debug = () => Promise.resolve();
}

/**
 * Takes a stack without resources out of its backend, with all that the backend keeps of it.
 *
 * @returns whether that is everything; of a backend of the user's the engine leaves copies of the state
 */
export async function removeFromBackend(root: string, stack: EngineStack): Promise<boolean> {
  await stack.run(["stack", "rm", "--yes"]);
  if (!hasOwnBackend()) return false;
  forgetInBackend(openState(root), readProjectFile(root).name, stack.name);
  return true;
}

/** Whether the backend is a directory of this project. */
function hasOwnBackend(): boolean {
  return process.env.PULUMI_BACKEND_URL === undefined;
}

/** What `index.ts` exports, as the language host would load it: the program is nobody's library. */
function loadProgram(): PulumiFn {
  // eslint-disable-next-line import-x/no-restricted-paths
  return require("../../index") as PulumiFn;
}

/**
 * The engine adds the salt of the passphrase to the stack's file. So it works on copies: a clone stays as it was
 * checked out. A stack's file that names its own secrets provider keeps it.
 */
async function writeWorkspace(
  root: string,
  stackName: string,
  workDir: string,
  state: State,
  change: StackFileChange,
): Promise<void> {
  fs.mkdirSync(workDir, { recursive: true, mode: 0o700 });
  // the program runs in this process: the engine looks for no file of its
  const { main: _, ...project } = readProjectFile(root) as { main?: string };
  fs.writeFileSync(path.join(workDir, "Pulumi.yaml"), yaml.dump(project));
  const copy = path.join(workDir, `Pulumi.${stackName}.yaml`);
  const wanted = change(readStackFile(root, stackName));
  fs.writeFileSync(copy, yaml.dump("secretsprovider" in wanted ? wanted : await salted(wanted)));

  async function salted({ encryptionsalt, ...settings }: StackFile): Promise<StackFile> {
    const project = readProjectFile(root).name;
    const ofFile = typeof encryptionsalt === "string" ? encryptionsalt : undefined;
    // of a state that lies elsewhere this clone's copy may tell what somebody has changed since
    const ofState =
      saltOfState(state, project, stackName) ?? (ofFile === undefined ? saltIn(copy) : undefined);
    if (ofState === undefined && ofFile === undefined) return settings;
    const file = stackFilePath(root, stackName);
    const [passphrase, note] = [passphraseOf(state), path.join(workDir, "salt-opened")];
    return {
      encryptionsalt: await saltFor(passphrase, { ofState, ofFile }, file, stackName, note),
      ...settings,
    };
  }
}

function saltIn(copy: string): string | undefined {
  if (!fs.existsSync(copy)) return undefined;
  const { encryptionsalt } = yaml.load(fs.readFileSync(copy, "utf8")) as StackFile;
  return typeof encryptionsalt === "string" ? encryptionsalt : undefined;
}

function backendVariables(state: State): Record<string, string> {
  const variables: Record<string, string> = {};
  if (hasOwnBackend()) {
    fs.mkdirSync(state.backend, { recursive: true, mode: 0o700 });
    variables.PULUMI_BACKEND_URL = pathToFileURL(state.backend).href;
  }
  return { ...variables, ...passphraseOf(state).variables };
}

/**
 * An engine that was killed also notes what it was about to do, and every later run would tell the user to look for what
 * may have been made. There is no need to: each resource of this program finds out by itself what is there.
 */
async function forgetPendingOperations(stack: EngineStack): Promise<void> {
  const { stateFile } = stack.place;
  if (stateFile === undefined || !fs.existsSync(stateFile) || !stack.mayHave("pending_operations")) return;
  const exported = await exportDeployment(stack);
  const { pending_operations: pending, ...deployment } = exported.deployment;
  if (pending && pending.length > 0) await importDeployment(stack, { ...exported, deployment });
}

/**
 * An engine that was killed leaves its lock behind, and every later run would fail. A lock in the own backend whose
 * process is gone is taken away; any other is left alone.
 */
async function releaseStaleLock(stack: EngineStack, { backend }: State): Promise<void> {
  const locks = path.join(backend, ".pulumi", "locks");
  if (!fs.existsSync(locks)) return;
  for (const name of fs.readdirSync(locks, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".json") || path.basename(path.dirname(name)) !== stack.name) continue;
    const { pid, hostname } = JSON.parse(fs.readFileSync(path.join(locks, name), "utf8")) as {
      pid?: number;
      hostname?: string;
    };
    if (pid !== undefined && hostname === os.hostname() && !isAlive(pid))
      await stack.run(["cancel", "--yes"]);
  }
}
