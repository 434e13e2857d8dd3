/**
 * Keeps one issue on GitLab that says what has drifted, by its REST API; see docs/deploy.md.
 *
 *   npm run --silent drift-issue -- REPORT... --forge gitlab | node scripts/gitlabDriftIssue.js
 *
 * Exit status: 0 where it is as it should be; 2 otherwise.
 */
"use strict";

const { TITLE, assertIssue, isIssue } = require("./driftIssue.js");
const { askGitLab, find, inputOf, variablesOf } = require("./gitlabComment.js");

/** Characters of an issue's description. */
const LONGEST_BODY = 1_048_576;

/** One that somebody else wrote is never touched, whatever is in it. */
async function keepIssue({ api, project, token, body }) {
  const isOpen = assertIssue(body, LONGEST_BODY);
  const ask = (method, path, content) => askGitLab({ api, token }, method, path, content);
  const issues = `/projects/${encodeURIComponent(project)}/issues`;
  const { body: user } = await ask("GET", "/user");
  const isOwn = (issue) => issue.author?.id === user.id && isIssue(issue.description);
  const own = await find(ask, issues, isOwn, `&author_id=${encodeURIComponent(user.id)}&scope=all`);
  if (!own) {
    if (isOpen) await ask("POST", issues, { title: TITLE, description: body });
    return;
  }
  const isAsBefore = (own.state === "opened") === isOpen;
  if (isAsBefore && own.description === body) return;
  const change = isAsBefore ? {} : { state_event: isOpen ? "reopen" : "close" };
  await ask("PUT", `${issues}/${encodeURIComponent(own.iid)}`, { description: body, ...change });
}

async function main() {
  const given = variablesOf({ api: "CI_API_V4_URL", project: "CI_PROJECT_ID", token: "GITLAB_TOKEN" });
  await keepIssue({ ...given, body: await inputOf(process.stdin) });
}

if (require.main === module)
  main().catch((error) => {
    console.error(`error: ${error.message}`);
    process.exitCode = 2;
  });

module.exports = { keepIssue };
