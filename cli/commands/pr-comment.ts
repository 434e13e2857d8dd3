import type { Arguments } from "../commandLine/arguments";
import { FORGES } from "../comment/forge";
import { renderComment } from "../comment/render";
import { PREVIEW_REPORT } from "../preview/report";
import { readReports } from "../reports";
import { print } from "../terminal/print";

/** Prints one comment on what the previews of one stack or many have found. */
export async function prComment(_root: string, { words = [], forge, commit }: Arguments): Promise<number> {
  const reports = await readReports(words, PREVIEW_REPORT, { of: "a preview", command: "preview" });
  print(renderComment(reports, FORGES[forge], commit));
  return 0;
}
