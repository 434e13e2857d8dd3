import type { Arguments } from "./commandLine/arguments";
import { failedDrift } from "./drift/report";
import { messageOf } from "./terminal/errors";
import { print } from "./terminal/print";
import { failedReport } from "./preview/report";

/** Has who reads the report of a preview, or of a refresh, get one also where it ends before anything was looked at. */
export async function tellingFailure(
  { command, stack }: Pick<Arguments, "command" | "stack">,
  look: () => Promise<number>,
): Promise<number> {
  try {
    return await look();
  } catch (error) {
    const failed = command === "refresh" ? failedDrift : failedReport;
    print(JSON.stringify(failed(stack, messageOf(error)), undefined, 2));
    throw error;
  }
}
