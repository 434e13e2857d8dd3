import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { ReportFile } from "../../resources/options/reportFile";

/** Does some work of the engine, and gives what the provider's process has written down meanwhile. */
export async function reported<T, R>(
  file: ReportFile<T>,
  work: () => Promise<R>,
): Promise<{ result: R; reports: T[] }> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "kuma-federation-reports-"));
  const place = path.join(directory, "reports");
  process.env[file.variable] = place;
  try {
    const result = await work();
    return { result, reports: file.read(place) };
  } finally {
    delete process.env[file.variable];
    fs.rmSync(directory, { recursive: true, force: true });
  }
}
