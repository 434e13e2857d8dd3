/**
 * Keeps one issue on GitHub that says what has drifted, see .github/workflows/drift.yml: it is opened, rewritten, opened again and
 * closed. `npm run drift-issue` makes its text, whose last line, which nobody sees, says whether it is to be open.
 */
"use strict";

/** As in cli/drift/issue.ts, which is not here. */
const OPEN = "<!-- kuma-federation: drift -->";
const CLOSED = "<!-- kuma-federation: no drift -->";
const TITLE = "Drift: the global is not as a stack left it";
/** Characters (GitHub). */
const LONGEST_BODY = 65_536;

/**
 * One that somebody else wrote is never touched, whatever is in it.
 *
 * @param github an authenticated Octokit with its REST and paging plugins, as actions/github-script has it
 * @param context the run's context
 * @param body what `npm run drift-issue` printed
 */
async function keepIssue({ github, context, body }) {
  const isOpen = assertIssue(body, LONGEST_BODY);
  const { owner, repo } = context.repo;
  const all = { owner, repo, creator: "github-actions[bot]", state: "all", per_page: 100 };
  const issues = await github.paginate(github.rest.issues.listForRepo, all);
  // whoever asks for issues gets pull requests as well
  const own = issues.find(
    (issue) => issue.user?.login === "github-actions[bot]" && !issue.pull_request && isIssue(issue.body),
  );
  if (!own) {
    if (isOpen) await github.rest.issues.create({ owner, repo, title: TITLE, body });
    return;
  }
  const state = isOpen ? "open" : "closed";
  if (own.state === state && own.body === body) return;
  await github.rest.issues.update({ owner, repo, issue_number: own.number, body, state });
}

/** Whether a text is one that this program made. */
function isIssue(body) {
  const end = typeof body === "string" ? body.trimEnd() : "";
  return end.endsWith(OPEN) || end.endsWith(CLOSED);
}

/** Says whether an issue with this text is to be open. Fails where it is no text that `npm run drift-issue` made. */
function assertIssue(body, longest) {
  if (isIssue(body) && body.length <= longest) return body.trimEnd().endsWith(OPEN);
  throw new Error(
    "There is no issue to write: npm run drift-issue has printed none. Nothing was written. Look at the job that makes it.",
  );
}

module.exports = { CLOSED, OPEN, TITLE, assertIssue, isIssue, keepIssue };
