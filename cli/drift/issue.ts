import { fit, fixed, type Block } from "../comment/block";
import { FORGES, type ForgeName } from "../comment/forge";
import { FENCE, code, codeLines, row } from "../comment/text";
import type { DriftReport } from "./report";
import { plural } from "../../kuma/plural";

/** End the text of an issue, by which it is found again and it is known whether it is to be open. */
export const OPEN = "<!-- kuma-federation: drift -->";
export const CLOSED = "<!-- kuma-federation: no drift -->";

const isToTell = ({ outcome }: DriftReport) => outcome === "drift" || outcome === "failed";

/** The text of one issue for all stacks; those in which nothing has drifted have one line. */
export function renderIssue(reports: readonly DriftReport[], forge: ForgeName): string {
  const isOpen = reports.some(isToTell);
  const drifted = reports.filter(({ outcome }) => outcome === "drift").length;
  const failed = reports.filter(({ outcome }) => outcome === "failed").length;
  const parts = [
    ...(drifted > 0 ? [`${plural(drifted, "stack")} drifted`] : []),
    ...(failed > 0 ? [`${plural(failed, "stack")} could not be looked at`] : []),
  ];
  const head = isOpen ? `### ${parts.join(", ")}` : "### Nothing has drifted";
  const blocks = [fixed(head), ...reports.filter(isToTell).flatMap(ofStack), ...rest(reports)];
  const marker = `\n\n${isOpen ? OPEN : CLOSED}`;
  return `${fit(blocks, FORGES[forge].limit - marker.length)}${marker}`;
}

function ofStack({ stack, error, drift }: DriftReport): Block[] {
  if (error !== null) {
    const rows = codeLines(error);
    const head = `#### ${code(stack)}\n\nIt could not be looked at:\n\n${FENCE}`;
    return [{ rank: 1, head, rows, tail: FENCE, more: (left) => `… and ${left} more lines` }];
  }
  const told = drift.filter(({ accepted }) => !accepted);
  const rows = told.map(({ key, kind, own }) => row(code(key), kind, own ? "the stack" : "a zone"));
  const what = `${plural(told.length, "resource")} on the global ${told.length === 1 ? "is" : "are"} not as the stack left them.`;
  return [
    {
      rank: 2,
      head: `#### ${code(stack)}\n\n${what} \`npm run up\` does about it what the setting \`onDrift\` says; what is wanted as it is, name in \`acceptDifferences\`.\n\n| Resource | What | Written by |\n| --- | --- | --- |`,
      rows,
      more: (left) => row(`… and ${left} more`, "", ""),
    },
  ];
}

function rest(reports: readonly DriftReport[]): Block[] {
  const names = (...of: DriftReport["outcome"][]) =>
    reports.filter(({ outcome }) => of.includes(outcome)).map(({ stack }) => code(stack, 40));
  const lines = [
    ...(names("same").length > 0 ? [`As it was left: ${names("same").join(", ")}`] : []),
    ...(names("nothing").length > 0 ? [`Nothing to compare yet: ${names("nothing").join(", ")}`] : []),
  ];
  return lines.length > 0 ? [{ rank: 3, head: "", rows: lines }] : [];
}
