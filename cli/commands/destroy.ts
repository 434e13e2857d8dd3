import { GLOBAL_GOES_VARIABLE } from "../../resources/options/undoMode";
import { MEMBERS_VARIABLE } from "../../resources/options/members";
import type { StackConfig } from "../../stack/config";
import type { Arguments } from "../commandLine/arguments";
import { UsageError } from "../commandLine/usageError";
import { putBackKilled } from "../drills/note";
import { resumeKonnect } from "../local/controlPlanes";
import { placesHere, removeProcesses } from "../local/processes";
import { exportDeployment } from "../stack/deployment";
import { noted } from "../stack/lastRun";
import { run, tellProviders } from "../stack/operation";
import {
  hasEncryptedSecrets,
  readConfigOf,
  useKeptStackFile,
  withAdoptedZonesAlone,
  withoutSecrets,
} from "../stack/file/stackFile";
import { assertUnprotected } from "../stack/file/protection";
import { adoptedInClusters, letGoOfAdopted } from "../stack/standing/leavingZones";
import { type Standing, standingOf } from "../stack/standing/standing";
import { forgetStack } from "../stack/stateDirectory";
import { hasBackendOf, openWithEngine, removeFromBackend } from "../stack/workspace";
import { print, tell } from "../terminal/print";
import { canAsk, describeTakingDown, isAgreed, notAsked } from "./takingDown";

export async function destroy(root: string, { stack: name, yes }: Arguments): Promise<number> {
  const gone = useKeptStackFile(root, name);
  if (gone !== undefined) print(`${gone} is gone: the stack is taken down as it was when it was run last.`);
  const config = readConfigOf(root, name);
  if (!yes && !canAsk()) throw new UsageError(notAsked(name));
  tell(`Reading the state of stack ${name}…`);
  const exported = hasBackendOf(root, name)
    ? await exportDeployment(await openWithEngine(root, name, withoutSecrets), { withSecrets: true })
    : undefined;
  const standing = exported && standingOf(exported);
  assertUnprotected(name, exported);
  for (const line of describeTakingDown(name, standing, placesHere(root, name), config.onUndo)) print(line);
  if (!yes && !(await isAgreed())) {
    print("Nothing was changed.");
    return EXIT_NOT_AGREED;
  }
  tellProviders(config);
  process.env[MEMBERS_VARIABLE] = "";
  if (standing) await putBackKilled(root, name, () => Promise.resolve(standing));
  if (standing?.endsGlobal) process.env[GLOBAL_GOES_VARIABLE] = "true";
  await resumeKonnect(name);
  print(`Taking down stack ${name}:`);
  await takeBackAdoptedZones(root, name, config, standing);
  const stack = await openWithEngine(root, name, withoutSecrets);
  const engine = await stack.operations();
  await noted(root, name, "destroy", () =>
    run((progress, signal) => engine.destroy({ onEvent: progress.onEvent, signal })),
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
async function takeBackAdoptedZones(
  root: string,
  name: string,
  config: StackConfig,
  standing: Standing | undefined,
): Promise<void> {
  const adopted = adoptedInClusters(config);
  if (adopted.length === 0) return;
  const stack = await openWithEngine(root, name, withAdoptedZonesAlone);
  const { resources = [] } = (await exportDeployment(stack)).deployment;
  const isSwitched = resources.some(({ urn }) => adopted.some((zone) => urn.endsWith(`::${zone}-way-back`)));
  if (!isSwitched) return;
  await letGoOfAdopted(standing, adopted);
  const engine = await stack.operations();
  await noted(root, name, "destroy", () =>
    run((progress, signal) => engine.up({ onEvent: progress.onEvent, signal })),
  );
}

/** Stops what still runs for the stack, whatever its settings say by now, and removes its files. */
async function removeFiles(root: string, stack: string): Promise<string | undefined> {
  await removeProcesses(root, stack);
  return forgetStack(root, stack, { keepPassphrase: hasEncryptedSecrets(root, stack) });
}
