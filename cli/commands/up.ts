import { ASK_ANEW_VARIABLE } from "../../resources/options/anewMode";
import type { StackConfig } from "../../stack/config";
import type { Arguments } from "../commandLine/arguments";
import { ofStack } from "../commandLine/ofStack";
import { openPlan, withSaltOf } from "../plan/openPlan";
import { upAsPlanned } from "../plan/upAsPlanned";
import { startKonnect, startZones } from "../local/controlPlanes";
import { describeGui } from "../local/gui";
import { putBackKilled } from "../drills/note";
import { placesHere, tellOpenPorts } from "../local/processes";
import { notUp } from "../stack/standing/begun";
import { assertNoneByForce } from "../plan/removedByForce";
import { removeDeadZones } from "../stack/standing/deadZones";
import { exportDeployment } from "../stack/deployment";
import type { EngineStack } from "../stack/engineStack";
import { assertNoneLeaves } from "../stack/file/protection";
import { noted, unfinishedRun } from "../stack/lastRun";
import { run, tellProviders } from "../stack/operation";
import { PreviewedUp } from "../stack/previewedUp";
import { assertInputs } from "../stack/file/stackFile";
import { Standing, outputsOf, readStanding, standingOf } from "../stack/standing/standing";
import { standingNow } from "../stack/standing/standingNow";
import { adoptedAlone, letGoOfAdopted } from "../stack/standing/leavingZones";
import { whatStands } from "../stack/standing/whatStands";
import { openWithEngine } from "../stack/workspace";
import { Collected, collectStatus, exitStatusOf } from "../status/collect";
import { formatProxies, formatResources, formatZones } from "../status/formats/table";
import { fromNowOn } from "../terminal/interruption";
import { print } from "../terminal/print";
import { whatDestroyDoes } from "./takingDown";
import { until } from "../../kuma/until";

export async function up(
  root: string,
  { stack: name, plan }: Arguments,
  config: StackConfig,
): Promise<number> {
  assertInputs(config);
  if (plan !== undefined) assertNoneByForce(config.removed);
  const stack = await openWithEngine(root, name, plan === undefined ? undefined : withSaltOf(plan));
  const planned = plan === undefined ? undefined : await openPlan(root, stack, plan);
  const isProtected = await assertNoneLeaves(stack, config);
  tellProviders(config);
  await putBackKilled(root, name, () => standingNow(root, name));
  await startKonnect(config);
  if (config.removed.length > 0) await removeDeadZones(stack, config.removed);
  await startZones(config);
  const unfinished = unfinishedRun(root, name);
  if (unfinished !== undefined) print(`Note: ${unfinished}; this run goes on with what that one has left.`);
  print(`Federating stack ${name}:`);
  const alone = adoptedAlone(config);
  if (alone.length > 0) await letGoOfAdopted(await readStanding(stack), alone);
  const engine = await stack.operations();
  const apply = async () => {
    try {
      return await noted(root, name, "up", () => {
        if (planned) return upAsPlanned(stack, planned);
        // the engine deletes last: what it keeps is refused before all else is done
        if (isProtected) return new PreviewedUp(stack).run();
        return run((progress, signal) => engine.up({ onEvent: progress.onEvent, signal }));
      });
    } catch (error) {
      if (config.rollout)
        for (const line of whatStands(await readStanding(stack), config)) print(`  ${line}`);
      throw error;
    }
  };
  let changes = await apply();
  fromNowOn("Everything was written; that both sides are equal was not looked at to the end.");
  let { standing, outputs, report } = await statusOnceSettled(stack, config);
  const lacking = report.zones.filter(({ globalToZone }) => globalToZone === false).map(({ name }) => name);
  // what a plan does not have is for an up without one
  if (lacking.length > 0 && !planned) {
    process.env[ASK_ANEW_VARIABLE] = lacking.join();
    print(
      `  zone ${lacking.join(", ")} does not have all that its global gives, and is made to ask for it again:`,
    );
    changes += await apply();
    ({ standing, outputs, report } = await statusOnceSettled(stack, config));
  }
  if (changes === 0) {
    print(
      report.ok
        ? "  nothing to do: everything is as it should be"
        : "  nothing of the stack was to be changed, but not everything is as it should be: see the problems below",
    );
  }

  const { kdsAddress, guiUrl, guiCommand } = outputs;
  print(`\nKDS address  ${String(kdsAddress)}`);
  const gui = await describeGui(String(guiUrl), guiCommand as string | undefined);
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
  return exitStatusOf(report);
}

/** Milliseconds for what was written last, the policies, to reach the zones. */
const SETTLE_MS = 30_000;

async function statusOnceSettled(
  stack: EngineStack,
  config: StackConfig,
): Promise<{ standing: Standing; outputs: Record<string, unknown>; report: Collected }> {
  const exported = await exportDeployment(stack, { withSecrets: true });
  const [standing, outputs] = [standingOf(exported), outputsOf(exported)];
  if (!standing) throw notUp(stack.name);
  const report = await until(() => collectStatus(standing, config), {
    deadlineMs: SETTLE_MS,
    everyMs: 1_000,
    isThere: ({ ok }) => ok,
  });
  return { standing, outputs, report };
}
