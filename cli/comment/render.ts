import type { PreviewReport } from "../preview/report";
import { Block, fit, fixed } from "./block";
import { Forge, MARKER } from "./forge";
import { stackBlocks } from "./stack";
import { code, row } from "./text";
import { byKind, kindOf, signOf, verdictOf, verdictOfAll } from "./verdict";
import { plural } from "../../kuma/plural";

/**
 * One comment for all stacks, the verdict in its first line. What has no room is cut from the least important. A commit stands
 * there as it is, so that the forge makes a link of it: since the comment is edited in place, a reader cannot tell otherwise what
 * it is about.
 */
export function renderComment(reports: readonly PreviewReport[], forge: Forge, commit?: string): string {
  const sorted = byKind(reports);
  const blocks = [
    fixed(verdictOfAll(sorted)),
    ...overview(sorted),
    ...sorted.flatMap((each) => ofStack(each, forge, sorted)),
    ...(commit === undefined ? [] : [fixed(`Previewed at ${commit}.`)]),
  ];
  const marker = forge.html ? `\n\n${MARKER}` : "";
  return `${fit(blocks, forge.limit - marker.length)}${marker}`;
}

function overview(reports: readonly PreviewReport[]): Block[] {
  if (reports.length === 1) return [];
  const rows = reports.map((report) => {
    const count = (...ops: string[]) => {
      const { length } = report.changes.filter(({ op }) => ops.includes(op));
      return length === 0 ? "" : String(length);
    };
    return row(
      `${signOf(report)} ${code(report.stack)}`,
      verdictOf(report),
      count("create", "import"),
      count("update"),
      count("replace"),
      count("delete"),
    );
  });
  const head = row("Stack", "Verdict", "Create", "Update", "Replace", "Delete");
  return [
    {
      ...{ rank: 1, rows },
      head: `${head}\n${row("---", "---", "---:", "---:", "---:", "---:")}`,
      more: (left) => row(`… and ${plural(left, "more stack")}`, "", "", "", "", ""),
    },
  ];
}

/** A stack with nothing to do is in the overview, and needs no more. */
function ofStack(report: PreviewReport, forge: Forge, all: readonly PreviewReport[]): Block[] {
  const blocks = stackBlocks(report, forge);
  if (all.length === 1) return blocks;
  if (kindOf(report) === "same") return [];
  return [
    { rank: 2, head: "", rows: [`---\n\n#### ${signOf(report)} Stack ${code(report.stack)}`] },
    ...blocks,
  ];
}
