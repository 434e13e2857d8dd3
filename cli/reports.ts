import * as fs from "node:fs";
import * as path from "node:path";
import { text } from "node:stream/consumers";
import * as v from "valibot";
import { UsageError } from "./commandLine/usageError";

/** What a report is, for messages: of what, and which command prints it as JSON. */
interface Kind {
  of: string;
  command: "preview" | "refresh";
}

/** Reads reports from files, or one from standard input. */
export async function readReports<S extends v.GenericSchema>(
  files: readonly string[],
  schema: S,
  kind: Kind,
): Promise<v.InferOutput<S>[]> {
  if (files.length > 0) return files.map((file) => parseReport(readFile(file), file, schema, kind));
  if (process.stdin.isTTY)
    throw new UsageError(
      `No report is given. Name files that npm run ${kind.command} -- --output json has written, or pass one on standard input.`,
    );
  return [parseReport(await text(process.stdin), "standard input", schema, kind)];
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
export function parseReport<S extends v.GenericSchema>(
  json: string,
  from: string,
  schema: S,
  { of, command }: Kind,
): v.InferOutput<S> {
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch {
    throw new UsageError(
      `${from} holds no JSON. It must be what npm run ${command} -- --output json prints on standard output, and nothing else.`,
    );
  }
  const parsed = v.safeParse(schema, document);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const place = v.getDotPath(issue) ?? "the document";
  const fault = issue.received === "undefined" ? "is missing" : `is not ${issue.expected ?? "as it must be"}`;
  throw new UsageError(
    `${from} is no report of ${of}: ${place} ${fault}. It must be what npm run ${command} -- ` +
      "--output json prints, of this version of the program.",
  );
}
