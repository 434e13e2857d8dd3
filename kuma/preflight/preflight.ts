import { KumaError, KumaErrorCode } from "../errors";
import { shortened } from "../lists";
import { oneLine } from "../printable";
import { Check, CheckResult, Finding, Verdict } from "./check";
import { CHECKS } from "./checks";
import { Facts } from "./facts";
import { NotYet } from "./notYet";

/** What was found of one zone. */
export interface PreflightReport {
  zone: string;
  checks: CheckResult[];
}

/**
 * Looks at everything that can go wrong with a federation, on both sides, and writes nothing. A zone that is federated
 * with this global already is looked at for what still matters.
 */
export async function preflight(facts: Facts, checks: readonly Check[] = CHECKS): Promise<PreflightReport> {
  const joined = await facts.joined().catch(() => false);
  const wanted = checks
    .filter(({ always }) => always || !joined)
    .filter(({ hostedOnly }) => !hostedOnly || facts.isHosted)
    .filter(({ hostOnly }) => !hostOnly || facts.vantage !== undefined);
  const results = await Promise.all(
    wanted.map(async ({ code, title, doc, run }): Promise<CheckResult> => {
      const finding = await run(facts).catch(notLookedAt);
      // evidence is made of words of the other side
      const evidence = (finding.evidence ?? []).map(oneLine);
      return { code, title, ...finding, evidence, ...(doc !== undefined && { doc }) };
    }),
  );
  return { zone: facts.zoneName, checks: results };
}

const FINAL: readonly KumaErrorCode[] = ["notKuma", "unauthenticated", "forbidden"];

function notLookedAt(error: unknown): Finding {
  if (error instanceof NotYet) {
    return { verdict: "pending", sentence: "The stack is still to make the global control plane." };
  }
  if (!(error instanceof KumaError)) throw error;
  const { code, message } = error;
  const remedy = "Fix this and run it again.";
  // what is there, is not a control plane, or does not let this caller look: trying again will not help
  if (FINAL.includes(code)) return { verdict: "blocker", sentence: message, remedy, error: code };
  return { verdict: "inconclusive", sentence: `It could not be checked. ${message}`, remedy };
}

export function findingsOf(report: PreflightReport, ...verdicts: Verdict[]): CheckResult[] {
  return report.checks.filter(({ verdict }) => verdicts.includes(verdict));
}

/** Evidence shown of one check in a message. */
const MOST_EVIDENCE = 50;

/** One finding as it is shown to people, with what it was seen by and what to do. */
export function describeFinding({ code, sentence, evidence, remedy, doc }: CheckResult): string {
  const shown = shortened(evidence, MOST_EVIDENCE).map((line) => `    ${line}`);
  // checks that fail for one and the same reason say the same
  const todo = remedy === undefined ? [] : [`    ${remedy}${doc === undefined ? "" : ` (${doc})`}`];
  return [`${sentence} [${code}]`, ...shown, ...todo].join("\n");
}

/** Fails with every blocker of the report. Nothing has been written at that point. */
export function assertNoBlocker(report: PreflightReport): void {
  const blockers = distinct(findingsOf(report, "blocker"));
  if (blockers.length === 0) return;
  throw new KumaError(
    blockers[0].error ?? "invalid",
    `Zone ${report.zone} was not federated, and nothing was written. ` +
      (blockers.length === 1
        ? describeFinding(blockers[0])
        : `${blockers.length} blockers:\n${blockers.map(describeFinding).join("\n")}`),
  );
}

/** A read that fails, fails for every check that needs it: one of them tells of it. */
export function distinct(results: readonly CheckResult[]): CheckResult[] {
  const seen = new Set<string>();
  return results.filter(({ sentence }) => !seen.has(sentence) && seen.add(sentence));
}
