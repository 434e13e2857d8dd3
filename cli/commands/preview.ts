import { printable } from "../../kuma";
import { BY_NAME_VARIABLE } from "../../resources/options/previewDetail";
import type { StackConfig } from "../../stack/config";
import type { Arguments } from "../commandLine/arguments";
import { ofStack } from "../commandLine/ofStack";
import { Guardrails } from "../guardrails/guardrails";
import { type Looked, withGuardrails } from "../guardrails/withGuardrails";
import { lookingOnly } from "../local/controlPlanes";
import { tellOpenPorts } from "../local/processes";
import { describeLeaving } from "../preview/leaving";
import { describeUndo, zoneThatLeaves } from "../preview/undo";
import type { EngineStack } from "../stack/engineStack";
import { run, tellProviders } from "../stack/operation";
import { assertInputs } from "../stack/stackFile";
import { readStanding } from "../stack/standing";
import { openWithEngine } from "../stack/workspace";
import { EXIT_NOT_ALL } from "../terminal/errors";
import { print } from "../terminal/print";
import type { Progress } from "../terminal/progress";

export async function preview(
  root: string,
  { stack: name, diff }: Arguments,
  config: StackConfig,
): Promise<number> {
  assertInputs(config);
  const guardrails = Guardrails.of(config);
  const stack = await openWithEngine(root, name);
  tellProviders(config);
  process.env[BY_NAME_VARIABLE] = String(diff);
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
  const leaving: string[] = [];
  const engine = await stack.operations();
  const withUndo = (looked: Looked) => (progress: Progress, signal: AbortSignal) =>
    engine.preview({
      ...options,
      ...looked.options,
      signal,
      onEvent: (event) => {
        progress.onEvent(event);
        looked.onEvent(event);
        leaving.push(...zoneThatLeaves(event));
        const undo = describeUndo(event, config.onUndo);
        if (undo !== undefined) print(`  ${undo}`);
      },
    });
  const changes = await withGuardrails(guardrails, stack.place.workDir, (looked) =>
    run(withUndo(looked), { isPreview: true, silent: diff }),
  );
  if (leaving.length > 0)
    for (const line of await describeLeaving(await readStanding(stack), leaving)) print(`  ${line}`);
  guardrails?.assertHeld();
  if (isAll) {
    if (changes === 0) print("  nothing to do; npm run status compares both sides");
    else print(`\nNext: npm run up${ofStack(stack.name)} does what is shown.`);
    return 0;
  }
  print("  not everything could be read: see the lines on control planes above");
  return EXIT_NOT_ALL;
}
