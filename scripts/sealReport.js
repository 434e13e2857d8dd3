/**
 * The last look at the report of a preview, or of a refresh, before it leaves the job that has the secrets; see .github/workflows/preview.yml.
 * One that holds a secret, or is none, gives way to one that says so.
 *
 *   node scripts/sealReport.js STACK FILE [LOG] [NAME OF A VARIABLE WITH A SECRET]...
 */
"use strict";

const fs = require("node:fs");

/** A shorter line of a secret would be found everywhere. */
const SHORTEST_LINE = 8;
/** Of a preview that gave no report. */
const LINES_SHOWN = 30;

/** The report as it may leave the job. `secrets` are values. */
function sealed({ stack, report, log, secrets }) {
  const lines = secrets.flatMap((secret) => [secret, ...secret.split("\n")].map((line) => line.trim()));
  const wanted = lines.filter((line) => line.length >= SHORTEST_LINE);
  // in JSON some characters stand as escapes
  const holdsSecret = (text) =>
    wanted.some((line) => text.includes(line) || text.includes(JSON.stringify(line).slice(1, -1)));
  if (holdsSecret(report)) return failed(stack, "What was found holds a secret, so it is not shown.");
  if (isReport(report)) return report;
  const end = log.trimEnd().split("\n").slice(-LINES_SHOWN).join("\n");
  const isShown = end !== "" && !holdsSecret(log);
  return failed(
    stack,
    `There is no report. ${isShown ? `It ended with:\n${end}` : "The job's log says why."}`,
  );
}

function isReport(text) {
  try {
    return JSON.parse(text)?.version === 1;
  } catch {
    return false;
  }
}

/** As failedReport in cli/preview/report.ts, and failedDrift in cli/drift/report.ts. */
function failed(stack, error) {
  const lists = { drift: [], changes: [], zones: [], policies: [], guardrails: [], notes: [], warnings: [] };
  const blastRadius = { restarts: [], reconnects: [], meshes: [], cannotBeUndone: [] };
  return JSON.stringify({ version: 1, stack, outcome: "failed", error, ...lists, blastRadius });
}

function textOf(file) {
  return file && fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
}

if (require.main === module) {
  const [stack, file, log, ...names] = process.argv.slice(2);
  const secrets = names.flatMap((name) => process.env[name] ?? []);
  fs.writeFileSync(file, sealed({ stack, report: textOf(file), log: textOf(log), secrets }));
}

module.exports = { sealed };
