import { PreflightReport } from "../../kuma";
import { ReportFile } from "./reportFile";

/**
 * `npm run preflight` is a preview whose checks write down what they find instead of stopping at it, so that every zone
 * is looked at, with the addresses and credentials that `up` would use.
 */
export const PREFLIGHT_REPORTS = new ReportFile<PreflightReport>("KUMA_FEDERATION_PREFLIGHT");

export function isPreflight(): boolean {
  return PREFLIGHT_REPORTS.isWanted;
}

export function writeReport(report: PreflightReport): void {
  PREFLIGHT_REPORTS.write(report);
}
