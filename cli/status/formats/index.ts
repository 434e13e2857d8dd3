import type { StatusReport } from "../report";
import { htmlStatus } from "./html";
import { markdownStatus } from "./markdown";
import { openMetrics } from "./openMetrics";
import { formatStatus } from "./table";

/** The forms in which a status is told, all of the same data. */
const FORMATS = {
  table: formatStatus,
  json: (report) => JSON.stringify(report, undefined, 2),
  markdown: markdownStatus,
  html: htmlStatus,
  openmetrics: openMetrics,
} satisfies Record<string, (report: StatusReport) => string>;

export function formatted(report: StatusReport, output: keyof typeof FORMATS): string {
  return FORMATS[output](report);
}
