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
  if (outcome === "incomplete") return "incomplete";
  if (outcome === "same") return "same";
  return blastRadius.cannotBeUndone.length > 0 ? "lasting" : "changes";
}

export function byKind(reports: readonly PreviewReport[]): PreviewReport[] {
  return [...reports].sort((a, b) => KINDS.indexOf(kindOf(a)) - KINDS.indexOf(kindOf(b)));
}

export function signOf(report: PreviewReport): string {
  return SIGNS[kindOf(report)];
}

/** What is to be known of a stack, in one sentence without its end. */
export function verdictOf(report: PreviewReport): string {
  const { restarts, reconnects, cannotBeUndone } = report.blastRadius;
  const connected = reconnects.reduce((sum, each) => sum + (each.connected ?? 0), 0);
  const isUnknown = reconnects.some((each) => each.connected === null);
  const radius = [
    ...(restarts.length > 0 ? [`${plural(restarts.length, "control plane")} to restart`] : []),
    ...(isUnknown || connected > 0
      ? [`${isUnknown ? "an unknown number of proxies" : plural(connected, "proxy")} to reconnect`]
      : []),
    ...(cannotBeUndone.length > 0 ? [`**${cannotBeUndone.length} cannot be undone**`] : []),
  ];
  switch (kindOf(report)) {
    case "fails":
      return "`up` would stop; why is told below";
    case "barred": {
      const barred = report.guardrails.filter(({ level }) => level === "mandatory").length;
      return `${plural(barred, "mandatory guardrail")} broken`;
    }
    case "incomplete":
      return "not everything could be read, so this is not all";
    case "same":
      return "nothing to do";
    default:
      return [changesIn(report), ...radius].join(", ");
  }
}

function changesIn({ changes }: PreviewReport): string {
  return `${plural(changes.length, "resource")} to change`;
}

/** The first line. */
export function verdictOfAll(reports: readonly PreviewReport[]): string {
  const [worst] = byKind(reports);
  if (reports.length === 1) return `### ${signOf(worst)} ${code(worst.stack)}: ${verdictOf(worst)}`;
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
