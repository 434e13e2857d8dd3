import { messageOf } from "../terminal/errors";
import { print } from "../terminal/print";
import { failedReport } from "./report";

/** Has who reads the report of a preview get one also where it ends before anything was looked at. */
export async function tellingFailure(stack: string, preview: () => Promise<number>): Promise<number> {
  try {
    return await preview();
  } catch (error) {
    print(JSON.stringify(failedReport(stack, messageOf(error)), undefined, 2));
    throw error;
  }
}
