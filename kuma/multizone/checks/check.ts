import type { Finding } from "../../preflight/check";
import type { LookedAt } from "../world";

/** As a check of preflight's, of what is there: it is looked at by `status` as well. */
export interface MultiZoneCheck {
  /** Stable: programs may rely on it. It is also the heading in docs/multi-zone.md. */
  code: string;
  title: string;
  look(at: LookedAt): Finding;
}

/** The page and heading that tell more of a check. */
export function docOf({ code }: Pick<MultiZoneCheck, "code">): string {
  return `docs/multi-zone.md#${code}`;
}

/** What is in order where there is no evidence against it, and otherwise a warning with what to do. */
export function unless(evidence: string[], good: string, bad: string, remedy: string): Finding {
  return evidence.length === 0
    ? { verdict: "ok", sentence: good }
    : { verdict: "warning", sentence: bad, evidence, remedy };
}
