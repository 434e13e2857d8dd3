import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import * as yaml from "js-yaml";
import { InlineProgramArgs, LocalWorkspace, PulumiCommand, PulumiFn, Stack } from "@pulumi/pulumi/automation";
import { isAlive } from "../toolchain/processId";
import { writeDynamicProviderShim } from "../toolchain/dynamicProvider";
import { PulumiEngine, ensurePulumiEngine } from "../toolchain/pulumiEngine";
import { StackFile, readProjectFile, readStackFile } from "./stackFile";

/**
 * Where this project keeps what belongs to a clone of it: Pulumi's state, the passphrase that encrypts the secrets in
 * it, and the files of the control planes that it runs. `KUMA_FEDERATION_STATE` moves it.
 */
export function stateDirectory(root: string): string {
  return path.resolve(root, process.env.KUMA_FEDERATION_STATE ?? ".kuma-federation");
}

/** Whether this clone has run a command on the stack, and not taken it down since. */
export function hasWorkspace(root: string, stackName: string): boolean {
  return fs.existsSync(path.join(stateDirectory(root), "workspace", stackName));
}

/** What the engine gets in place of a stack's file. */
export type StackFileChange = (file: StackFile) => StackFile;

/** Opens a stack; gets an engine first where there is none. Progress goes to standard error. */
export async function openWithEngine(
  root: string,
  stackName: string,
  change: StackFileChange = (file) => file,
): Promise<Stack> {
  const log = (line: string) => console.error(line);
  return openStack(
    root,
    stackName,
    await ensurePulumiEngine({ env: process.env, log, terminal: process.stderr }),
    change,
  );
}

/**
 * Opens a stack for the engine, with the program of `index.ts` run by this process, so that no language host is
 * needed. The backend is a directory of this project unless `PULUMI_BACKEND_URL` names another.
 */
async function openStack(
  root: string,
  stackName: string,
  engine: PulumiEngine,
  change: StackFileChange,
): Promise<Stack> {
  const state = stateDirectory(root);
  const workDir = writeWorkspace(root, stackName, state, change);
  const shims = path.join(state, "bin");
  await writeDynamicProviderShim(shims, root);

  const envVars: Record<string, string> = {
    PATH: [shims, path.dirname(engine.path), process.env.PATH].join(path.delimiter),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK: "true",
    ...backendVariables(state),
  };
  // the automation API runs `pulumi` from the PATH of this process
  Object.assign(process.env, envVars);
  const args: InlineProgramArgs = {
    stackName,
    projectName: readProjectFile(root).name,
    program: program(root),
  };
  const stack = await LocalWorkspace.createOrSelectStack(args, {
    workDir,
    envVars,
    pulumiHome: path.join(state, "pulumi-home"),
    pulumiCommand: await PulumiCommand.get({ skipVersionCheck: true }),
  });
  await releaseStaleLock(stack, state);
  await forgetPendingOperations(stack, state);
  return stack;
}

/** Runs what `index.ts` exports, as the language host would. */
function program(root: string): PulumiFn {
  return async () => {
    const main = require(path.join(root, "index.ts")) as PulumiFn;
    return main();
  };
}

/**
 * The engine adds the salt of the passphrase to the stack's file. So it works on copies: a clone stays as it was
 * checked out. A stack's file that names its own secrets provider keeps it.
 */
function writeWorkspace(root: string, stackName: string, state: string, change: StackFileChange): string {
  const workDir = path.join(state, "workspace", stackName);
  fs.mkdirSync(workDir, { recursive: true, mode: 0o700 });
  fs.copyFileSync(path.join(root, "Pulumi.yaml"), path.join(workDir, "Pulumi.yaml"));
  const copy = path.join(workDir, `Pulumi.${stackName}.yaml`);
  const before = fs.existsSync(copy) ? (yaml.load(fs.readFileSync(copy, "utf8")) as StackFile) : {};
  const { encryptionsalt } = before;
  const wanted = change(readStackFile(root, stackName));
  const own = "encryptionsalt" in wanted || "secretsprovider" in wanted;
  const content = own || encryptionsalt === undefined ? wanted : { encryptionsalt, ...wanted };
  fs.writeFileSync(copy, yaml.dump(content));
  return workDir;
}

function backendVariables(state: string): Record<string, string> {
  const variables: Record<string, string> = {};
  if (process.env.PULUMI_BACKEND_URL === undefined) {
    const backend = path.join(state, "backend");
    fs.mkdirSync(backend, { recursive: true, mode: 0o700 });
    variables.PULUMI_BACKEND_URL = pathToFileURL(backend).href;
  }
  const given = ["PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"].some(
    (name) => process.env[name] !== undefined,
  );
  if (!given) variables.PULUMI_CONFIG_PASSPHRASE_FILE = passphraseFile(state);
  return variables;
}

/** A passphrase of this clone's own, made at the first run, readable by its owner only. */
function passphraseFile(state: string): string {
  const file = path.join(state, "passphrase");
  if (!fs.existsSync(file)) fs.writeFileSync(file, randomBytes(32).toString("base64url"), { mode: 0o600 });
  return file;
}

/**
 * An engine that was killed also notes what it was about to do, and every later run would tell the user to look for what
 * may have been made. There is no need to: each resource of this program finds out by itself what is there.
 */
async function forgetPendingOperations(stack: Stack, state: string): Promise<void> {
  const file = path.join(
    state,
    "backend",
    ".pulumi",
    "stacks",
    readProjectFile(process.cwd()).name,
    `${stack.name}.json`,
  );
  if (!fs.existsSync(file) || !fs.readFileSync(file, "utf8").includes('"pending_operations"')) return;
  const exported = await stack.exportStack();
  const { pending_operations: pending, ...deployment } = exported.deployment as {
    pending_operations?: unknown[];
  };
  if (pending && pending.length > 0) await stack.importStack({ ...exported, deployment });
}

/**
 * An engine that was killed leaves its lock behind, and every later run would fail. A lock in the own backend whose
 * process is gone is taken away; any other is left alone.
 */
async function releaseStaleLock(stack: Stack, state: string): Promise<void> {
  const locks = path.join(state, "backend", ".pulumi", "locks");
  if (!fs.existsSync(locks)) return;
  for (const name of fs.readdirSync(locks, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".json") || path.basename(path.dirname(name)) !== stack.name) continue;
    const { pid, hostname } = JSON.parse(fs.readFileSync(path.join(locks, name), "utf8")) as {
      pid?: number;
      hostname?: string;
    };
    if (pid !== undefined && hostname === os.hostname() && !isAlive(pid)) await stack.cancel();
  }
}
