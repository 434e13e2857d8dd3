import type { EngineEvent } from "@pulumi/pulumi/automation";
import type { Progress } from "../terminal/progress";
import type { EngineStack } from "./engineStack";
import { run } from "./operation";

/**
 * Has the engine preview before it begins, so that what it refuses is refused before anything is done; Pulumi's SDK would leave
 * that out (@pulumi/pulumi 3.248, automation/stack.ts, "--skip-preview").
 */
export class PreviewedUp {
  private progress: Progress | undefined;

  /** @param isTold which of the engine's events people are told of */
  constructor(
    private readonly stack: EngineStack,
    private readonly isTold: (event: EngineEvent) => boolean = () => true,
  ) {}

  /** Returns how many resources it changed. */
  async run(plan?: string): Promise<number> {
    const engine = await this.stack.operationsWith((args) =>
      args[0] === "up" ? args.filter((arg) => arg !== "--skip-preview") : args,
    );
    let isPreview = true;
    return run(
      (progress, signal) => {
        this.progress = progress;
        const onEvent = (event: EngineEvent) => {
          const isShown = !isPreview || event.diagnosticEvent?.severity === "error";
          if (this.isTold(event) && isShown) progress.onEvent(event);
          if (!isPreview || !event.summaryEvent) return;
          isPreview = false;
          progress.begin();
        };
        return engine.up({ ...(plan !== undefined && { plan }), onEvent, signal });
      },
      { isPreview },
    );
  }

  /** What was changed until now, for people. */
  soFar(): string {
    return this.progress?.soFar() ?? "Nothing was changed.";
  }
}
