import type { EngineEvent } from "@pulumi/pulumi/automation";
import { printable } from "../../kuma";
import { BY_NAME_VARIABLE } from "../../resources/options/previewDetail";
import { PREVIEW_REPORTS } from "../../resources/options/previewReports";
import type { StackConfig } from "../../stack/config";
import type { Arguments } from "../commandLine/arguments";
import { ofStack } from "../commandLine/ofStack";
import { Guardrails } from "../guardrails/guardrails";
import { type Looked, withGuardrails } from "../guardrails/withGuardrails";
import { lookingOnly } from "../local/controlPlanes";
import { tellOpenPorts } from "../local/processes";
import { assemble } from "../preview/assemble";
import { describeBlastRadius, meaningsOf } from "../preview/blastRadius";
import { SeenChanges } from "../preview/changes";
import { describeDead } from "../preview/dead";
import { describeLeaving } from "../preview/leaving";
import type { PreviewReport } from "../preview/report";
import { describeUndo, zoneThatLeaves } from "../preview/undo";
import { describeWaves } from "../preview/waves";
import type { EngineStack } from "../stack/engineStack";
import { run, tellProviders } from "../stack/operation";
import { reported } from "../stack/reported";
import { assertInputs } from "../stack/stackFile";
import { readStanding } from "../stack/standing";
import { openWithEngine } from "../stack/workspace";
import { EXIT_NOT_ALL, OperationFailed, exitStatusOf } from "../terminal/errors";
import { print, tell } from "../terminal/print";
import type { Progress } from "../terminal/progress";

export async function preview(
  root: string,
  { stack: name, diff, output }: Arguments,
  config: StackConfig,
): Promise<number> {
  assertInputs(config);
  const guardrails = Guardrails.of(config);
  const stack = await openWithEngine(root, name);
  tellProviders(config);
  process.env[BY_NAME_VARIABLE] = String(diff);
  if (output === "json") return previewAsJson(stack, config, guardrails);
  const status = await lookingOnly(config, print, (isAll) =>
    showPreview(stack, config, guardrails, diff, isAll),
  );
  tellOpenPorts(root, name);
  return status;
}

async function showPreview(
  stack: EngineStack,
  config: StackConfig,
  guardrails: Guardrails | undefined,
  diff: boolean,
  isAll: boolean,
): Promise<number> {
  print(`Preview of stack ${stack.name}; nothing is written to a control plane:`);
  const options = diff ? { diff, onOutput: (text: string) => process.stdout.write(printable(text)) } : {};
  const { report, failure } = await look(stack, config, isAll, {
    ...{ options, silent: diff, guardrails, tellRules: print },
    say: (line) => print(`  ${line}`),
  });
  for (const line of describeBlastRadius(report.blastRadius)) print(`  ${line}`);
  if (failure) throw failure;
  if (isAll) {
    if (report.outcome === "same") print("  nothing to do; npm run status compares both sides");
    else print(`\nNext: npm run up${ofStack(stack.name)} does what is shown.`);
    return 0;
  }
  print("  not everything could be read: see the lines on control planes above");
  return EXIT_NOT_ALL;
}

/** Standard output holds the report and nothing else, also where the preview fails. */
async function previewAsJson(
  stack: EngineStack,
  config: StackConfig,
  guardrails: Guardrails | undefined,
): Promise<number> {
  const manner = { options: {}, silent: true, guardrails, tellRules: tell, say: () => {} };
  const { report, failure } = await lookingOnly(config, tell, (isAll) => look(stack, config, isAll, manner));
  print(JSON.stringify(report, undefined, 2));
  if (failure) {
    tell(`error: ${failure.message}`);
    return exitStatusOf(failure);
  }
  return report.outcome === "incomplete" ? EXIT_NOT_ALL : 0;
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
  stack: EngineStack,
  config: StackConfig,
  isAll: boolean,
  { options, silent, guardrails, tellRules, say }: Manner,
): Promise<{ report: PreviewReport; failure?: OperationFailed }> {
  const { onUndo, zones, removed } = config;
  const seen = new SeenChanges(removed);
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
  };
  let messages: Progress["messages"] = [];
  const engine = await stack.operations();
  const previewWith = (rules: Looked) => (progress: Progress, signal: AbortSignal) => {
    ({ messages } = progress);
    return engine.preview({
      ...options,
      ...rules.options,
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
      const changes = await withGuardrails(guardrails, stack.place.workDir, tellRules, (rules) =>
        run(previewWith(rules), { isPreview: true, silent }),
      );
      guardrails?.assertHeld();
      return changes;
    } catch (error) {
      if (error instanceof OperationFailed) return error;
      throw error;
    }
  };
  const { result: ended, reports: found } = await reported(PREVIEW_REPORTS, previewed);
  const failure = typeof ended === "number" ? undefined : ended;
  const meanings = meaningsOf(seen.changes);
  const isRead = removed.length + leaving.length > 0 || [...meanings.values()].some((each) => each.restarts);
  const standing = isRead ? await readStanding(stack) : undefined;
  for (const line of await describeDead(standing, removed)) note(line);
  if (leaving.length > 0 && !failure) for (const line of await describeLeaving(standing, leaving)) note(line);
  const isSwitched = (zone: string) => ["joins", "changes"].includes(meanings.get(zone)?.zone ?? "");
  for (const line of describeWaves(config, isSwitched)) note(line);
  const outcome = failure ? "failed" : !isAll ? "incomplete" : ended === 0 ? "same" : "changes";
  const ending = { stack: stack.name, outcome, error: failure?.message ?? null } as const;
  const broken = guardrails?.found() ?? [];
  const looked = { changes: seen.changes, broken, messages, found, notes, standing, zones };
  return { report: await assemble(ending, looked), failure };
}
