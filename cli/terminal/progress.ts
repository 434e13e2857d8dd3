import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation";
import { splitCode } from "../../resources/provider/errorCode";
import { LeftDeletions } from "./leftDeletion";
import { Step, describeSoFar } from "./soFar";
import { isShown, nameOf } from "./urn";

const VERBS: Record<string, [done: string, planned: string]> = {
  create: ["created", "create"],
  update: ["updated", "update"],
  delete: ["deleted", "delete"],
  replace: ["replaced", "replace"],
  import: ["adopted", "adopt"],
};

/**
 * The engine warns of every plugin that it takes from PATH, and they are put there on purpose; the exit status tells of
 * failure; what is not awaited by the engine is awaited by this program.
 */
const NOISE =
  /using pulumi-(resource|analyzer|language)-\S+ from \$PATH|^(update|preview|destroy) failed$|^Skipping await logic$/;

/** Prints what the engine does, a line each, as it happens. Values are never shown. */
export class Progress {
  private readonly begun = new Map<string, number>();
  private readonly left = new LeftDeletions();
  /** What is changed, by what is done and its name in the state. */
  private readonly steps = new Map<string, Step>();
  /** Resources that were, or would be, changed. */
  changes = 0;
  /** Messages of severity "error", for the end, each with the code of its `KumaError` where it comes from one. */
  readonly errors: { text: string; code?: string }[] = [];
  /** Every other message, as it was told. */
  readonly messages: { severity: string; text: string }[] = [];

  constructor(
    private readonly print: (line: string) => void,
    private isPreview: boolean,
  ) {}

  readonly onEvent = (event: EngineEvent): void => {
    const { resourcePreEvent, resOutputsEvent, resOpFailedEvent, diagnosticEvent } = event;
    if (resourcePreEvent) {
      this.begun.set(resourcePreEvent.metadata.urn, Date.now());
      this.step(resourcePreEvent.metadata, "begun");
      if (this.isPreview) this.resource(resourcePreEvent.metadata);
    } else if (resOutputsEvent && !this.isPreview) {
      this.step(resOutputsEvent.metadata, "done");
      this.resource(resOutputsEvent.metadata);
    } else if (resOpFailedEvent) {
      this.step(resOpFailedEvent.metadata, "failed");
      this.print(`  failed   ${nameOf(resOpFailedEvent.metadata.urn)}`);
    } else if (diagnosticEvent) {
      this.diagnostic(diagnosticEvent.severity, diagnosticEvent.message);
    }
  };

  /** What was told of until now was a preview, and is done from now on. */
  begin(): void {
    this.isPreview = false;
    this.steps.clear();
    this.changes = 0;
  }

  /** What was changed until now, for people. */
  soFar(): string {
    return describeSoFar(this.isPreview ? [] : [...this.steps.values()]);
  }

  private step(metadata: StepEventMetadata, state: Step["state"]): void {
    const [{ urn }, op] = [metadata, this.left.operationOf(metadata)];
    if (VERBS[op] && isShown(urn)) this.steps.set(`${op} ${urn}`, { name: nameOf(urn), op, state });
  }

  private resource(metadata: StepEventMetadata): void {
    const [{ urn }, op] = [metadata, this.left.operationOf(metadata)];
    const verbs = VERBS[op];
    if (!verbs || !isShown(urn)) return;
    this.changes++;
    const seconds = this.isPreview
      ? ""
      : ` (${((Date.now() - (this.begun.get(urn) ?? Date.now())) / 1000).toFixed(1)} s)`;
    this.print(`  ${verbs[this.isPreview ? 1 : 0].padEnd(8)} ${nameOf(urn)}${seconds}`);
  }

  private diagnostic(severity: string, message: string): void {
    const text = message.replace(/<\{%.*?%\}>/g, "").trimEnd();
    if (text === "" || severity === "debug" || NOISE.test(text)) return;
    if (severity === "error") {
      this.errors.push(splitCode(withoutFrame(text, () => this.soFar())));
      return;
    }
    const told = splitCode(text).text;
    this.messages.push({ severity, text: told });
    for (const line of told.split("\n")) this.print(`  ${line}`);
  }
}

/** The engine frames a provider's sentence in its own words; the sentence is enough. */
function withoutFrame(text: string, soFar: () => string): string {
  // 3.246, pkg/resource/deploy/step_generator.go: it tells of options and commands that are not this program's
  const kept = /resource "?(urn:\S+?)"? cannot be (deleted|replaced)\s+because it is protected/.exec(text);
  if (kept)
    return (
      `${nameOf(kept[1])} is protected in the state of the stack, so it was not ${kept[2]}. ${soFar()} Run up with the setting protect off and ` +
      "nothing else changed, and then this."
    );
  const thrown = /(?:KumaError|ToolchainError): (.*?)(?:\n\s+at |$)/s.exec(text);
  if (thrown) return thrown[1].trim();
  return text
    .replace(/^error: /, "")
    .replace(/^.*resource '[^']*' has a problem: /s, "")
    .replace(/^\d+ errors? occurred:\s*\* /s, "")
    .trim();
}
