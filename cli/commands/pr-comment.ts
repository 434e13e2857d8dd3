import * as fs from "node:fs";
import * as path from "node:path";
import { text } from "node:stream/consumers";
import * as v from "valibot";
import type { Arguments } from "../commandLine/arguments";
import { FORGES } from "../comment/forge";
import { renderComment } from "../comment/render";
import { PREVIEW_REPORT, type PreviewReport } from "../preview/report";
import { UsageError } from "../terminal/errors";
import { print } from "../terminal/print";

/** Prints one comment on what the previews of one stack or many have found. */
export async function prComment(_root: string, { words: files = [], forge }: Arguments): Promise<number> {
  if (files.length === 0 && process.stdin.isTTY)
    throw new UsageError(
      "No report is given. Name files that npm run preview -- --output json has written, or pass one on standard input.",
    );
  const reports =
    files.length > 0
      ? files.map((file) => parseReport(readFile(file), file))
      : [parseReport(await text(process.stdin), "standard input")];
  print(renderComment(reports, FORGES[forge]));
  return 0;
}

function readFile(file: string): string {
  try {
    // npm runs its scripts in the clone, wherever it was called
    return fs.readFileSync(path.resolve(process.env.INIT_CWD ?? ".", file), "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`${file} cannot be read (${code}). Nothing was printed.`);
  }
}

/** Fails with what is wrong with it, and where. */
export function parseReport(json: string, from: string): PreviewReport {
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch {
    throw new UsageError(
      `${from} holds no JSON. It must be what npm run preview -- --output json prints on standard output, and nothing else.`,
    );
  }
  const parsed = v.safeParse(PREVIEW_REPORT, document);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const place = v.getDotPath(issue) ?? "the document";
  const fault = issue.received === "undefined" ? "is missing" : `is not ${issue.expected ?? "as it must be"}`;
  throw new UsageError(
    `${from} is no report of a preview: ${place} ${fault}. It must be what npm run preview -- ` +
      "--output json prints, of this version of the program.",
  );
}
