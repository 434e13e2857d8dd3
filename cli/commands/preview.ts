import type { EngineEvent } from "@pulumi/pulumi/automation";
import { enumerated, printable } from "../../kuma";
import { BY_NAME_VARIABLE } from "../../resources/options/previewDetail";
import { wantGuardrails } from "../../resources/options/guardrailSettings";
import { PREVIEW_REPORTS } from "../../resources/options/previewReports";
import type { StackConfig } from "../../stack/config";
import { memberNames } from "../../stack/waves";
import type { Arguments } from "../commandLine/arguments";
import { ofStack } from "../commandLine/ofStack";
import { Guardrails } from "../guardrails/guardrails";
import { type Looked, withGuardrails } from "../guardrails/withGuardrails";
import { type SeenHere, lookingOnly } from "../local/controlPlanes";
import { tellOpenPorts } from "../local/processes";
import { assertNoneByForce } from "../plan/removedByForce";
import { PlanToSave, noPlan } from "../plan/savePlan";
import { assemble, liveIn } from "../preview/assemble";
import { describeBlastRadius, meaningsOf } from "../preview/blastRadius";
import { SeenChanges } from "../preview/changes";
import { describeDead } from "../preview/dead";
import { describeLeaving } from "../preview/leaving";
import type { PreviewReport } from "../preview/report";
import { describeReturn, describeUndo, zoneThatLeaves } from "../preview/undo";
import { describeWaves } from "../preview/waves";
import type { EngineStack } from "../stack/engineStack";
import { run, tellProviders } from "../stack/operation";
import { assertNoneLeaves } from "../stack/file/protection";
import { reported } from "../stack/reported";
import { assertInputs } from "../stack/file/stackFile";
import { readStanding } from "../stack/standing/standing";
import { openWithEngine } from "../stack/workspace";
import { EXIT_NOT_ALL, OperationFailed, exitStatusOf } from "../terminal/errors";
import { print, tell } from "../terminal/print";
import type { Progress } from "../terminal/progress";

export async function preview(
  root: string,
  { stack: name, diff, output, savePlan }: Arguments,
  config: StackConfig,
): Promise<number> {
  assertInputs(config);
  if (savePlan !== undefined) assertNoneByForce(config.removed);
  const guardrails = Guardrails.of(config);
  const stack = await openWithEngine(root, name);
  await assertNoneLeaves(stack, config);
  tellProviders(config);
  process.env[BY_NAME_VARIABLE] = String(diff);
  const plan = savePlan === undefined ? undefined : await PlanToSave.begin(root, stack, savePlan);
  const wanted = { stack, config, guardrails, plan };
  if (output === "json") return previewAsJson(wanted);
  const status = await lookingOnly(config, print, (seen) => showPreview(wanted, diff, seen));
  tellOpenPorts(root, name);
  return status;
}

interface Wanted {
  stack: EngineStack;
  config: StackConfig;
  guardrails: Guardrails | undefined;
  plan: PlanToSave | undefined;
}

async function showPreview(wanted: Wanted, diff: boolean, seen: SeenHere): Promise<number> {
  const { stack, guardrails, plan } = wanted;
  print(`Preview of stack ${stack.name}; nothing is written to a control plane:`);
  const options = diff ? { diff, onOutput: (text: string) => process.stdout.write(printable(text)) } : {};
  const { report, failure } = await look(wanted, seen, {
    ...{ options, silent: diff, guardrails, tellRules: print },
    say: (line) => print(`  ${line}`),
  });
  for (const line of describeBlastRadius(report.blastRadius)) print(`  ${line}`);
  if (failure) throw failure;
  if (seen.isAll) {
    if (report.outcome === "same") print("  nothing to do; npm run status compares both sides");
    else if (!plan) print(`\nNext: npm run up${ofStack(stack.name)} does what is shown.`);
    if (plan) for (const line of ["", ...savedPlan(plan, stack, seen)]) print(line);
    return 0;
  }
  print(
    `  not everything could be read: see the lines on control planes above${plan ? "; no plan was saved" : ""}`,
  );
  return EXIT_NOT_ALL;
}

/** Standard output holds the report and nothing else, also where the preview fails. */
async function previewAsJson(wanted: Wanted): Promise<number> {
  const { stack, config, guardrails, plan } = wanted;
  const manner = { options: {}, silent: true, guardrails, tellRules: tell, say: () => {} };
  const { report, failure, seen } = await lookingOnly(config, tell, async (seen) => ({
    ...(await look(wanted, seen, manner)),
    seen,
  }));
  print(JSON.stringify(report, undefined, 2));
  if (plan && !failure && seen.isAll) for (const line of savedPlan(plan, stack, seen)) tell(line);
  if (failure) {
    tell(`error: ${failure.message}`);
    return exitStatusOf(failure);
  }
  return report.outcome === "incomplete" ? EXIT_NOT_ALL : 0;
}

/** Saves the plan of a preview that has seen everything; fails where it saw what will not be there any more. */
function savedPlan(plan: PlanToSave, { name }: EngineStack, { passing }: SeenHere): string[] {
  if (passing.length === 0) return plan.save();
  throw noPlan(
    `${enumerated(passing)} ran for this preview alone, so that up would begin with another one`,
    name,
  );
}

interface Manner {
  options: { diff?: boolean; onOutput?: (text: string) => void };
  silent: boolean;
  guardrails: Guardrails | undefined;
  /** Tells people what the guardrails found. */
  tellRules: (line: string) => void;
  /** Tells people what no event of the engine says. */
  say: (line: string) => void;
}

/** Has the engine preview, and gives everything that was found, also by a preview that fails. */
async function look(
  { stack, config, plan }: Wanted,
  { isAll }: SeenHere,
  { options, silent, guardrails, tellRules, say }: Manner,
): Promise<{ report: PreviewReport; failure?: OperationFailed }> {
  const { onUndo, zones, removed } = config;
  const seen = new SeenChanges(removed);
  const members = memberNames(config);
  const [leaving, notes]: [string[], string[]] = [[], []];
  const note = (line: string) => {
    notes.push(line);
    say(line);
  };
  const onEvent = (event: EngineEvent) => {
    seen.onEvent(event);
    leaving.push(...zoneThatLeaves(event).filter((zone) => !removed.includes(zone)));
    const undo = describeUndo(event, onUndo);
    if (undo !== undefined) note(undo);
    const returned = describeReturn(event, members);
    if (returned !== undefined) note(returned);
  };
  let messages: Progress["messages"] = [];
  const engine = await stack.operations();
  const previewWith = (rules: Looked) => (progress: Progress, signal: AbortSignal) => {
    ({ messages } = progress);
    return engine.preview({
      ...options,
      ...rules.options,
      ...plan?.options(),
      signal,
      onEvent: (event) => {
        progress.onEvent(event);
        rules.onEvent(event);
        onEvent(event);
      },
    });
  };
  const previewed = async (): Promise<number | OperationFailed> => {
    try {
      return await withGuardrails(guardrails, stack.place.workDir, tellRules, (rules) =>
        run(previewWith(rules), { isPreview: true, silent }),
      );
    } catch (error) {
      if (error instanceof OperationFailed) return error;
      throw error;
    }
  };
  wantGuardrails(guardrails?.ruleSettings());
  const { result: ended, reports: found } = await reported(PREVIEW_REPORTS, previewed);
  guardrails?.takeLive(liveIn(found));
  for (const line of guardrails?.lines() ?? []) tellRules(line);
  const failure = typeof ended === "number" ? guardrails?.failure() : ended;
  const meanings = meaningsOf(seen.changes);
  const isRead = removed.length + leaving.length > 0 || [...meanings.values()].some((each) => each.restarts);
  const standing = isRead ? await readStanding(stack) : undefined;
  for (const line of await describeDead(standing, removed)) note(line);
  if (leaving.length > 0 && !failure) for (const line of await describeLeaving(standing, leaving)) note(line);
  const isSwitched = (zone: string) => ["joins", "changes"].includes(meanings.get(zone)?.zone ?? "");
  for (const line of describeWaves(config, isSwitched)) note(line);
  const outcome = failure ? "failed" : !isAll ? "incomplete" : ended === 0 ? "same" : "changes";
  const ending = { stack: stack.name, outcome, error: failure?.message ?? null } as const;
  const broken = { guardrails: guardrails?.found() ?? [], brokenBefore: guardrails?.brokenBefore() ?? [] };
  const looked = { changes: seen.changes, broken, messages, found, notes, standing, zones };
  return { report: await assemble(ending, looked), failure };
}
