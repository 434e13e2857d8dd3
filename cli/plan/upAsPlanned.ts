import type { EngineEvent } from "@pulumi/pulumi/automation";
import type { EngineStack } from "../stack/engineStack";
import { run } from "../stack/operation";
import { OperationFailed } from "../terminal/errors";
import type { Progress } from "../terminal/progress";
import type { OpenPlan } from "./openPlan";
import { type Refused, isViolation, violated } from "./violation";

/**
 * Has the engine do what a plan has. It previews first, held to the plan as well, so that whatever has changed since is refused
 * before anything is done; Pulumi's SDK would leave that out (@pulumi/pulumi 3.248, automation/stack.ts, "--skip-preview").
 */
export async function upAsPlanned(stack: EngineStack, { file, ofEngine }: OpenPlan): Promise<number> {
  const engine = await stack.operationsWith((args) =>
    args[0] === "up" ? args.filter((arg) => arg !== "--skip-preview") : args,
  );
  const refused: Refused[] = [];
  let shown: Progress | undefined;
  let isPreview = true;
  const onEvent = (event: EngineEvent) => {
    const { diagnosticEvent, summaryEvent } = event;
    // the values of both sides stand in it
    if (diagnosticEvent && isViolation(diagnosticEvent.message))
      refused.push({ urn: diagnosticEvent.urn, text: diagnosticEvent.message });
    else if (!isPreview || diagnosticEvent?.severity === "error") shown?.onEvent(event);
    if (summaryEvent) isPreview = false;
  };
  try {
    return await run((progress, signal) => {
      shown = progress;
      return engine.up({ plan: ofEngine, onEvent, signal });
    });
  } catch (error) {
    if (!(error instanceof OperationFailed) || (refused.length === 0 && !isViolation(error.message)))
      throw error;
    throw violated(file, refused, isPreview ? "Nothing was changed." : (shown as Progress).soFar());
  }
}
