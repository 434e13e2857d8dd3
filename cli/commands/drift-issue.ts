import type { Arguments } from "../commandLine/arguments";
import { renderIssue } from "../drift/issue";
import { DRIFT_REPORT } from "../drift/report";
import { readReports } from "../reports";
import { print } from "../terminal/print";

/** Prints the text of one issue on what refreshes of one stack or many have found. */
export async function driftIssue(_root: string, { words = [], forge }: Arguments): Promise<number> {
  const reports = await readReports(words, DRIFT_REPORT, { of: "a refresh", command: "refresh" });
  print(renderIssue(reports, forge));
  return 0;
}
