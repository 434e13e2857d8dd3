import { createHash } from "node:crypto";

/** For an annotation of pods that read something only when they start: with other content they are started anew. */
export function digestOf(content: string): string {
  return createHash("sha256").update(content).digest("hex").slice(0, 16);
}
