import * as fs from "node:fs";
import * as path from "node:path";
import * as v from "valibot";
import { stateDirectory } from "../stack/stateDirectory";
import { remarksOf } from "./digest";
import { PastLook, STATUS_REPORT, StatusReport } from "./report";

/** So many looks are kept: a day of one every ten minutes, or months of those of people. */
export const MOST_KEPT = 150;

/** Kept beside the engine's copy of the stack's file, and gone with it. */
function fileOf(root: string, stack: string): string {
  return path.join(stateDirectory(root), "workspace", stack, "status-history.json");
}

/** Earlier looks, the oldest first. A file that was cut short, or is another's, holds none. */
export function readHistory(root: string, stack: string): PastLook[] {
  try {
    const held: unknown = JSON.parse(fs.readFileSync(fileOf(root, stack), "utf8"));
    return v.parse(STATUS_REPORT.entries.history, held).slice(-MOST_KEPT);
  } catch {
    return [];
  }
}

/** Keeps a look beside those before it. */
export function keepLook(root: string, report: StatusReport): void {
  const file = fileOf(root, report.stack);
  const kept = [...report.history, pastLookOf(report)].slice(-MOST_KEPT);
  const beside = `${file}.${process.pid}`;
  try {
    // one of two commands at the same moment is kept, whole
    fs.writeFileSync(beside, JSON.stringify(kept), { mode: 0o600 });
    fs.renameSync(beside, file);
  } catch {
    // a look less in the history is no reason not to tell how it is
  }
}

export function pastLookOf(report: StatusReport): PastLook {
  const { time, outcome, zones } = report;
  const levels = remarksOf(report).map(({ level }) => level);
  const problems = levels.filter((level) => level === "problem").length;
  return {
    ...{ time, outcome, problems, warnings: levels.length - problems },
    zones: Object.fromEntries(
      zones.map(({ name, online, disabled }) => [
        name,
        disabled ? "disabled" : online ? "online" : "offline",
      ]),
    ),
  };
}
