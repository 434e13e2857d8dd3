import { CheckResult, PreflightReport, Verdict, describeFinding, distinct, findingsOf } from "../../kuma";
import { PREFLIGHT_REPORTS } from "../../resources/options/preflightMode";
import type { StackConfig } from "../../stack/config";
import { memberNames } from "../../stack/waves";
import type { Arguments } from "../commandLine/arguments";
import { OperationFailed } from "../terminal/errors";
import { lookingOnly } from "../local/controlPlanes";
import { run } from "../stack/operation";
import { reported } from "../stack/reported";
import { print, tell } from "../terminal/print";
import { assertInputs } from "../stack/file/stackFile";
import { formatTable } from "../terminal/table";
import { openWithEngine } from "../stack/workspace";

const EXIT_CLEAN = 0;
const EXIT_BLOCKERS = 1;
const EXIT_INCONCLUSIVE = 3;

/** Looks at every zone of the stack that is to be federated; writes nothing to a control plane. */
export async function preflight(
  root: string,
  { stack: name, output }: Arguments,
  config: StackConfig,
): Promise<number> {
  assertInputs(config);
  const zones = memberNames(config);
  // first, as it says where temporary files go
  const stack = await openWithEngine(root, name);
  const engine = await stack.operations();
  const look = () =>
    run((progress, signal) => engine.preview({ onEvent: progress.onEvent, signal }), {
      isPreview: true,
      silent: true,
    }).then(
      () => undefined,
      (error: unknown) => error,
    );
  const { result: failure, reports: all } = await reported(PREFLIGHT_REPORTS, () =>
    lookingOnly(config, tell, look),
  );
  const reports = byZone(all).filter(({ zone }) => zones.includes(zone));
  // what stops the engine elsewhere matters only as far as a zone could not be looked at
  const missing = zones.filter((zone) => !reports.some((report) => report.zone === zone));
  if (missing.length > 0) {
    throw failure ?? new OperationFailed(`The engine did not come to look at zone ${missing.join(", ")}.`);
  }
  const outcome = outcomeOf(reports);
  print(
    output === "json"
      ? JSON.stringify({ outcome: outcome.word, zones: reports }, undefined, 2)
      : formatReports(reports),
  );
  return outcome.status;
}

/** What several resources have told of one zone, as one report. */
export function byZone(reports: readonly PreflightReport[]): PreflightReport[] {
  const checks = new Map<string, CheckResult[]>();
  for (const report of reports)
    checks.set(report.zone, [...(checks.get(report.zone) ?? []), ...report.checks]);
  return [...checks].map(([zone, all]) => ({ zone, checks: all }));
}

export function outcomeOf(reports: readonly PreflightReport[]): { word: string; status: number } {
  const has = (verdict: Verdict) => reports.some((report) => findingsOf(report, verdict).length > 0);
  if (has("blocker")) return { word: "blocked", status: EXIT_BLOCKERS };
  if (has("inconclusive")) return { word: "inconclusive", status: EXIT_INCONCLUSIVE };
  return { word: "clean", status: EXIT_CLEAN };
}

export function formatReports(reports: readonly PreflightReport[]): string {
  if (reports.length === 0) return "No zone of this stack is to be federated.";
  const end = {
    blocked: "Blocked: npm run up would write nothing.",
    inconclusive: "Inconclusive: no blocker was found, but not everything could be checked.",
    clean: reports.some((report) => findingsOf(report, "pending").length > 0)
      ? "Clean so far: no blocker was found; up checks the rest before it writes anything."
      : "Clean: no blocker was found.",
  }[outcomeOf(reports).word];
  return [...reports.map(formatReport), end].join("\n\n");
}

function formatReport(report: PreflightReport): string {
  const { zone, checks } = report;
  if (checks.length === 0)
    return `Zone ${zone}: the stack is still to make it, so it cannot be looked at yet.`;
  const rows = checks.map(({ code, verdict, sentence }) => [code, verdict, sentence]);
  const told = distinct(findingsOf(report, "blocker", "inconclusive", "warning"));
  return [
    `Zone ${zone}\n${formatTable(["CHECK", "VERDICT", "WHAT WAS FOUND"], rows)}`,
    ...told.map((finding) => `${finding.verdict}: ${describeFinding(finding)}`),
  ].join("\n\n");
}
