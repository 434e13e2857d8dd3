import { type PreviewReport, isBarred } from "../preview/report";
import { code } from "./text";
import { plural } from "../../kuma/plural";

/** The worse, the sooner it is told. */
const KINDS = ["fails", "barred", "lasting", "incomplete", "changes", "same"] as const;
type Kind = (typeof KINDS)[number];

const SIGNS: Record<Kind, string> = {
  ...{ fails: "❌", barred: "⛔", lasting: "🟠", incomplete: "❔", changes: "🔄", same: "✅" },
};

/** Stacks that the first line names. */
const MOST_NAMED = 3;

export function kindOf(report: PreviewReport): Kind {
  const { outcome, blastRadius } = report;
  if (isBarred(report)) return "barred";
  if (outcome === "failed") return "fails";
  // also where that is not all
  if (blastRadius.cannotBeUndone.length > 0) return "lasting";
  if (outcome === "incomplete") return "incomplete";
  return outcome === "same" ? "same" : "changes";
}

export function byKind(reports: readonly PreviewReport[]): PreviewReport[] {
  return [...reports].sort((a, b) => KINDS.indexOf(kindOf(a)) - KINDS.indexOf(kindOf(b)));
}

export function signOf(report: PreviewReport): string {
  return SIGNS[kindOf(report)];
}

/**
 * What is to be known of a stack, in one sentence without its end.
 *
 * @param changes what that says of how many resources change
 */
export function verdictOf(report: PreviewReport, changes = changesIn(report)): string {
  const { blastRadius, outcome } = report;
  const toChange = outcome === "changes" || report.changes.length > 0 ? [changes] : [];
  const lasting = blastRadius.cannotBeUndone.length;
  const told = lasting > 0 ? [`**${lasting} cannot be undone**`] : [];
  const incomplete = outcome === "incomplete" ? ["not everything could be read, so this is not all"] : [];
  switch (kindOf(report)) {
    case "fails":
      return "`up` would stop; why is told below";
    case "barred": {
      const barred = report.guardrails.filter(({ level }) => level === "mandatory").length;
      return [`${plural(barred, "mandatory guardrail")} broken`, ...told].join(", ");
    }
    case "same":
      return "nothing to do";
    default:
      return [...toChange, ...radiusOf(report), ...told, ...incomplete].join(", ");
  }
}

function radiusOf({ blastRadius: { restarts, reconnects } }: PreviewReport): string[] {
  const connected = reconnects.reduce((sum, each) => sum + (each.connected ?? 0), 0);
  const isUnknown = reconnects.some((each) => each.connected === null);
  const proxies = isUnknown ? "an unknown number of proxies" : plural(connected, "proxy");
  return [
    ...(restarts.length > 0 ? [`${plural(restarts.length, "control plane")} to restart`] : []),
    ...(isUnknown || connected > 0 ? [`${proxies} to reconnect`] : []),
  ];
}

function changesIn({ changes }: PreviewReport): string {
  return `${plural(changes.length, "resource")} to change`;
}

const OPERATIONS = ["create", "import", "update", "replace", "delete"];

/** With what becomes of them: that one goes is not to be found in a folded list alone. */
function changesByOperation(report: PreviewReport): string {
  const counts = OPERATIONS.flatMap((op) => {
    const { length } = report.changes.filter((each) => each.op === op);
    return length === 0 ? [] : [{ op, length }];
  });
  const [first, ...more] = counts;
  if (first === undefined) return changesIn(report);
  if (more.length === 0) return `${plural(first.length, "resource")} to ${first.op}`;
  return `${changesIn(report)} (${counts.map(({ op, length }) => `${length} to ${op}`).join(", ")})`;
}

/** The first line. */
export function verdictOfAll(reports: readonly PreviewReport[]): string {
  const [worst] = byKind(reports);
  if (reports.length === 1)
    return `### ${signOf(worst)} ${code(worst.stack)}: ${verdictOf(worst, changesByOperation(worst))}`;
  const parts = KINDS.flatMap((kind) => {
    const of = reports.filter((report) => kindOf(report) === kind);
    if (of.length === 0) return [];
    const names = of.slice(0, MOST_NAMED).map(({ stack }) => code(stack, 40));
    const more = of.length > MOST_NAMED ? ` and ${of.length - MOST_NAMED} more` : "";
    return [`${WORDS[kind]}: ${names.join(", ")}${more}`];
  });
  return `### ${signOf(worst)} ${reports.length} stacks. ${parts.join("; ")}`;
}

const WORDS: Record<Kind, string> = {
  fails: "Would stop",
  barred: "Break mandatory guardrails",
  lasting: "Change what cannot be undone",
  incomplete: "Could not be read wholly",
  changes: "Change",
  same: "Nothing to do",
};
