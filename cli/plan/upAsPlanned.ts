import type { EngineEvent } from "@pulumi/pulumi/automation";
import type { EngineStack } from "../stack/engineStack";
import { PreviewedUp } from "../stack/previewedUp";
import { OperationFailed } from "../terminal/errors";
import type { OpenPlan } from "./openPlan";
import { type Refused, isViolation, violated } from "./violation";

/** Has the engine do what a plan has, and refuse whatever has changed since before anything is done. */
export async function upAsPlanned(stack: EngineStack, { file, ofEngine }: OpenPlan): Promise<number> {
  const refused: Refused[] = [];
  const isTold = ({ diagnosticEvent }: EngineEvent) => {
    if (!diagnosticEvent || !isViolation(diagnosticEvent.message)) return true;
    // the values of both sides stand in it
    refused.push({ urn: diagnosticEvent.urn, text: diagnosticEvent.message });
    return false;
  };
  const up = new PreviewedUp(stack, isTold);
  try {
    return await up.run(ofEngine);
  } catch (error) {
    if (!(error instanceof OperationFailed) || (refused.length === 0 && !isViolation(error.message)))
      throw error;
    throw violated(file, refused, up.soFar());
  }
}
