import * as fs from "node:fs";
import { PreflightReport } from "../../kuma";

/**
 * `npm run preflight` is a preview whose checks write down what they find instead of stopping at it, so that every zone
 * is looked at, with the addresses and credentials that `up` would use. The variable names the file for the reports,
 * one line of JSON each; it reaches the provider's process through the engine.
 */
export const PREFLIGHT_FILE = "KUMA_FEDERATION_PREFLIGHT";

export function isPreflight(): boolean {
  return process.env[PREFLIGHT_FILE] !== undefined;
}

export function writeReport(report: PreflightReport): void {
  const file = process.env[PREFLIGHT_FILE];
  if (file !== undefined) fs.appendFileSync(file, `${JSON.stringify(report)}\n`, { mode: 0o600 });
}

export function readReports(file: string): PreflightReport[] {
  if (!fs.existsSync(file)) return [];
  const lines = fs.readFileSync(file, "utf8").split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line) as PreflightReport);
}
