import * as fs from "node:fs";
import * as path from "node:path";
import type { Stack } from "@pulumi/pulumi/automation";
import { ControlPlaneProcess } from "../platforms/universal/controlPlaneProcess";
import { describeOpenPorts } from "../platforms/universal/openPorts";
import { enumerated, printable } from "../kuma";
import type { StackConfig } from "../stack/config";
import { stackDirectory } from "../stack/directory";
import { ACCEPT_VARIABLE } from "../resources/options/acceptedDifferences";
import { ASK_ANEW_VARIABLE } from "../resources/options/anewMode";
import { FOUND } from "../resources/provider/errorCode";
import { BY_NAME_VARIABLE } from "../resources/options/previewDetail";
import { GLOBAL_GOES_VARIABLE, ON_UNDO_VARIABLE } from "../resources/options/undoMode";
import { Arguments } from "./arguments";
import {
  lookingOnly,
  resumeKonnect,
  startKonnect,
  startZones,
  useKonnectThatRuns,
} from "./controlPlanesHere";
import {
  EXIT_ERROR,
  EXIT_PROBLEM,
  OperationFailed,
  UsageError,
  engineMessage,
  isCommandError,
} from "./errors";
import { describeGui } from "./gui";
import { fromNowOn, interruptible } from "./interruption";
import { noted, unfinishedRun } from "./lastRun";
import { describeLeaving } from "./leaving";
import { ofStack } from "./ofStack";
import { print } from "./print";
import { Progress } from "./progress";
import { Drifted, driftIn, exportDeployment, isEmpty } from "./deployment";
import {
  hasEncryptedSecrets,
  readConfigOf,
  readInputsOf,
  useKeptStackFile,
  withAdoptedZonesAlone,
  withoutSecrets,
} from "./stackFile";
import { forgetStack } from "./stateDirectory";
import { Standing, readStanding } from "./standing";
import { Collected, assertBegun, collectStatus, exitStatus, notUp } from "./status";
import { formatProxies, formatResources, formatZones } from "./statusTables";
import { canAsk, describeTakingDown, isAgreed, notAsked, whatDestroyDoes } from "./takingDown";
import { describeUndo, zoneThatLeaves } from "./undo";
import { hasBackendOf, openWithEngine, removeFromBackend } from "./workspace";
import { until } from "../kuma/until";

export async function up(root: string, { stack: name }: Arguments): Promise<number> {
  const config = readInputsOf(root, name);
  const stack = await openWithEngine(root, name);
  tellProviders(config);
  await startKonnect(config);
  await startZones(config);
  const unfinished = unfinishedRun(root, name);
  if (unfinished !== undefined) print(`Note: ${unfinished}; this run goes on with what that one has left.`);
  print(`Federating stack ${name}:`);
  const apply = () =>
    noted(root, name, "up", () => run((progress, signal) => stack.up({ onEvent: progress.onEvent, signal })));
  let changes = await apply();
  fromNowOn("Everything was written; that both sides are equal was not looked at to the end.");
  let { standing, report } = await statusOnceSettled(stack, config);
  const lacking = report.zones.filter(({ globalToZone }) => globalToZone === false).map(({ name }) => name);
  if (lacking.length > 0) {
    process.env[ASK_ANEW_VARIABLE] = lacking.join();
    print(`  zone ${lacking.join(", ")} has not all that its global gives, and is to ask for it anew:`);
    changes += await apply();
    ({ standing, report } = await statusOnceSettled(stack, config));
  }
  if (changes === 0) {
    print(
      report.ok
        ? "  nothing to do: everything is as it should be"
        : "  nothing of the stack was to be changed, but not everything is as it should be: see the problems below",
    );
  }

  const outputs = await stack.outputs();
  print(`\nKDS address  ${String(outputs.kdsAddress?.value)}`);
  const gui = await describeGui(
    String(outputs.guiUrl?.value),
    outputs.guiCommand?.value as string | undefined,
  );
  if (gui !== undefined) print(`GUI          ${gui}`);
  tellOpenPorts(root, name);
  print("");
  if (report.zones.length > 0) print(`${formatZones(report)}\n\n${formatResources(report)}`);
  else print("No zone is federated.");
  if (formatProxies(report)) print(`\n${formatProxies(report)}`);
  for (const warning of report.warnings) print(`\nWarning: ${warning}`);
  for (const problem of report.problems) print(`\nProblem: ${problem}`);
  const suffix = ofStack(name);
  print(`\nNext: npm run status${suffix} compares both sides again; npm run up${suffix} is safe to repeat;`);
  print(`npm run destroy${suffix} ${whatDestroyDoes(standing, placesHere(root, name))}.`);
  return exitStatus(report);
}

/** What the stack file says of what the state does not know yet. */
function tellProviders({ onUndo, acceptDifferences }: StackConfig): void {
  process.env[ON_UNDO_VARIABLE] = onUndo;
  process.env[ACCEPT_VARIABLE] = JSON.stringify(acceptDifferences);
}

export async function preview(root: string, { stack: name, diff }: Arguments): Promise<number> {
  const config = readInputsOf(root, name);
  const stack = await openWithEngine(root, name);
  tellProviders(config);
  process.env[BY_NAME_VARIABLE] = String(diff);
  const status = await lookingOnly(config, print, (isAll) => showPreview(stack, config, diff, isAll));
  tellOpenPorts(root, name);
  return status;
}

async function showPreview(
  stack: Stack,
  config: StackConfig,
  diff: boolean,
  isAll: boolean,
): Promise<number> {
  print(`Preview of stack ${stack.name}; nothing is written to a control plane:`);
  const options = diff ? { diff, onOutput: (text: string) => process.stdout.write(printable(text)) } : {};
  const leaving: string[] = [];
  const withUndo = (progress: Progress, signal: AbortSignal) =>
    stack.preview({
      ...options,
      signal,
      onEvent: (event) => {
        progress.onEvent(event);
        leaving.push(...zoneThatLeaves(event));
        const undo = describeUndo(event, config.onUndo);
        if (undo !== undefined) print(`  ${undo}`);
      },
    });
  const changes = await run(withUndo, { isPreview: true, silent: diff });
  if (leaving.length > 0)
    for (const line of await describeLeaving(await readStanding(stack), leaving)) print(`  ${line}`);
  if (isAll) {
    if (changes === 0) print("  nothing to do; npm run status compares both sides");
    else print(`\nNext: npm run up${ofStack(stack.name)} does what is shown.`);
    return 0;
  }
  print("  not everything could be looked at: see what is said of control planes above");
  return EXIT_NOTHING_LOOKED_AT;
}

const EXIT_NO_DRIFT = 0;
const EXIT_DRIFT = 1;
const EXIT_NOTHING_LOOKED_AT = 3;
const OWN = " (the stack's own, which npm run up puts back)";

/** Has the state tell what this program brought to the global and is missing or changed there; changes nothing there. */
export async function refresh(root: string, { stack: name }: Arguments): Promise<number> {
  const config = readConfigOf(root, name);
  // first, as to look with the engine would make the stack
  assertBegun(root, name);
  const stack = await openWithEngine(root, name, withoutSecrets);
  if (isEmpty(await exportDeployment(stack))) throw notUp(name);
  useKonnectThatRuns(name);
  print(`Refreshing stack ${name}; nothing is written to a control plane:`);
  await run((progress, signal) => stack.refresh({ onEvent: progress.onEvent, signal }), { silent: true });
  const { drift, looked } = driftIn(await exportDeployment(stack));
  if (looked === 0) {
    print("  nothing was carried, handed over or written by the stack yet, so there is nothing to compare");
    return EXIT_NOTHING_LOOKED_AT;
  }
  // the stack's own policies, and objects in clusters, are what it says: what is wanted otherwise is written there
  const isAccepted = ({ key, isOwn }: Drifted) => !isOwn && config.acceptDifferences.includes(key);
  const left = drift.filter((each) => !isAccepted(each));
  for (const { key, kind, isOwn } of left) print(`  ${kind}: ${key}${isOwn ? OWN : ""}`);
  const accepted = drift.filter(isAccepted).map(({ key, kind }) => `${key} (${kind})`);
  if (accepted.length > 0) print(`  accepted as it is (acceptDifferences): ${enumerated(accepted)}`);
  if (left.some(({ isOwn }) => !isOwn))
    print(
      `  npm run up does about it what the setting onDrift says (${config.onDrift}). What you want as it is, name in the setting acceptDifferences`,
    );
  if (left.length === 0)
    print(
      `  everything${accepted.length > 0 ? " else" : ""} that was carried, handed over or written by the stack is on the global as it was`,
    );
  return left.length === 0 ? EXIT_NO_DRIFT : EXIT_DRIFT;
}

export async function destroy(root: string, { stack: name, yes }: Arguments): Promise<number> {
  const gone = useKeptStackFile(root, name);
  if (gone !== undefined) print(`${gone} is gone: the stack is taken down as it was when it was run last.`);
  const config = readConfigOf(root, name);
  if (!yes && !canAsk()) throw new UsageError(notAsked(name));
  const standing = hasBackendOf(root, name)
    ? await readStanding(await openWithEngine(root, name, withoutSecrets))
    : undefined;
  for (const line of describeTakingDown(name, standing, placesHere(root, name), config.onUndo)) print(line);
  if (!yes && !(await isAgreed())) {
    print("Nothing was changed.");
    return EXIT_NOT_AGREED;
  }
  tellProviders(config);
  if (standing?.endsGlobal) process.env[GLOBAL_GOES_VARIABLE] = "true";
  await resumeKonnect(name);
  print(`Taking down stack ${name}:`);
  await takeBackAdoptedZones(root, name);
  const stack = await openWithEngine(root, name, withoutSecrets);
  await noted(root, name, "destroy", () =>
    run((progress, signal) => stack.destroy({ onEvent: progress.onEvent, signal })),
  );
  const isForgotten = await removeFromBackend(root, stack);
  const passphrase = await removeFiles(root, name);
  print("  nothing of it is left on this machine");
  if (passphrase !== undefined)
    print(`  but for ${passphrase}: the secrets in the stack's file are encrypted with it`);
  if (!isForgotten)
    print("  the backend that PULUMI_BACKEND_URL names may keep copies of its state, with secrets encrypted");
  return 0;
}

const EXIT_NOT_AGREED = 2;

/** See `withAdoptedZonesAlone`. A zone without its way back was never switched, or is back already. */
async function takeBackAdoptedZones(root: string, name: string): Promise<void> {
  const { zones } = readConfigOf(root, name);
  const adopted = zones.filter((zone) => zone.platform === "kubernetes" && zone.install === "adopt");
  if (adopted.length === 0) return;
  const stack = await openWithEngine(root, name, withAdoptedZonesAlone);
  const { resources = [] } = (await exportDeployment(stack)).deployment;
  const isSwitched = resources.some(({ urn }) =>
    adopted.some((zone) => urn.endsWith(`::${zone.name}-way-back`)),
  );
  if (!isSwitched) return;
  await noted(root, name, "destroy", () =>
    run((progress, signal) => stack.up({ onEvent: progress.onEvent, signal })),
  );
}

/** Milliseconds for what was written last, the policies, to reach the zones. */
const SETTLE_MS = 30_000;

async function statusOnceSettled(
  stack: Stack,
  config: StackConfig,
): Promise<{ standing: Standing; report: Collected }> {
  const standing = await readStanding(stack);
  if (!standing) throw notUp(stack.name);
  const report = await until(() => collectStatus(standing, config), {
    deadlineMs: SETTLE_MS,
    everyMs: 1_000,
    isThere: ({ ok }) => ok,
  });
  return { standing, report };
}

function tellOpenPorts(root: string, stack: string): void {
  // set by scripts/ownNetwork.js
  if (process.env.KUMA_FEDERATION_OWN_NETWORK === "true") {
    print("Open ports   none: this stack runs in a network of its own");
    return;
  }
  const directories = processDirectories(path.resolve(root, stackDirectory(stack)));
  const settings = directories.map((directory) => new ControlPlaneProcess(directory).settings());
  const told = describeOpenPorts(settings.filter((each) => each !== undefined));
  if (told !== undefined) print(`Open ports   ${told}`);
}

/** Runs an operation of the engine; returns how many resources it changed. */
export async function run(
  operation: (progress: Progress, signal: AbortSignal) => Promise<unknown>,
  { isPreview = false, silent = false } = {},
): Promise<number> {
  const progress = new Progress(silent ? () => {} : print, isPreview);
  try {
    await interruptible(progress, (signal) => operation(progress, signal));
  } catch (error) {
    if (!isCommandError(error)) throw error;
    const told = progress.errors.length > 0 ? progress.errors : [{ text: engineMessage(error) }];
    const text = [...new Set(told.map((each) => each.text))].join("\n");
    throw new OperationFailed(text, told.every(({ code }) => code === FOUND) ? EXIT_PROBLEM : EXIT_ERROR);
  }
  return progress.changes;
}

/** Stops what still runs for the stack, whatever its settings say by now, and removes its files. */
async function removeFiles(root: string, stack: string): Promise<string | undefined> {
  const directory = path.resolve(root, stackDirectory(stack));
  for (const found of processDirectories(directory)) await new ControlPlaneProcess(found).remove();
  return forgetStack(root, stack, { keepPassphrase: hasEncryptedSecrets(root, stack) });
}

/** Where control planes of the stack run on this machine, see `describeTakingDown`. */
function placesHere(root: string, stack: string): string[] {
  const directory = path.resolve(root, stackDirectory(stack));
  const places = processDirectories(directory).map((each) => path.relative(directory, each));
  return places.filter((place) => /^(global|konnect|zones\/[^/]+)$/.test(place)).sort();
}

function processDirectories(directory: string): string[] {
  if (!fs.existsSync(directory)) return [];
  const files = fs.readdirSync(directory, { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => path.basename(file) === "pid")
    .map((file) => path.join(directory, path.dirname(file)));
}
