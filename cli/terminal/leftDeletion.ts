import type { StepEventMetadata } from "@pulumi/pulumi/automation";

/**
 * Tells a deletion that a run which was cut short has left from one that belongs to a replacement: the engine calls both
 * "delete-replaced", and its own preview shows neither (3.246, pkg/resource/deploy/step_generator.go, GenerateDeletes).
 */
export class LeftDeletions {
  private readonly replaced = new Set<string>();

  /** The operation as people are told of it. */
  operationOf({ op, urn, old }: Pick<StepEventMetadata, "op" | "urn" | "old">): string {
    if (op === "replace" || op === "create-replacement") this.replaced.add(urn);
    // one that is deleted before it is replaced is not marked
    const isLeft = op === "delete-replaced" && old?.delete === true && !this.replaced.has(urn);
    return isLeft ? "delete" : op;
  }
}
