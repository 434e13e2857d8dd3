import type { EngineEvent } from "@pulumi/pulumi/automation";
import type { Guardrails } from "./guardrails";

/** What a preview of the engine's is run with on behalf of the rules. */
export interface Looked {
  options: object;
  onEvent(event: EngineEvent): void;
}

const WITHOUT: Looked = { options: {}, onEvent: () => {} };

/**
 * Previews with the rules of the policy pack. Where the engine cannot have the pack run, it is run without: a preview is
 * worth more than none.
 */
export async function withGuardrails<T>(
  guardrails: Guardrails | undefined,
  workDir: string,
  tell: (line: string) => void,
  preview: (looked: Looked) => Promise<T>,
): Promise<T> {
  if (!guardrails) return preview(WITHOUT);
  try {
    return await preview({ options: guardrails.options(workDir), onEvent: guardrails.onEvent });
  } catch (error) {
    if (!guardrails.isNotRun(error)) throw error;
    guardrails.setNotRun();
    tell(`Guardrails were not looked at, as the engine could not run the policy pack: ${firstLine(error)}`);
    return preview(WITHOUT);
  }
}

function firstLine(error: unknown): string {
  return (error as Error).message.split("\n")[0];
}
