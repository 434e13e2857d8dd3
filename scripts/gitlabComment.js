/**
 * Keeps one comment on a merge request on GitLab that shows what the latest previews said, by its REST API; see
 * docs/pull-requests.md.
 *
 *   npm run --silent pr-comment -- REPORT... --forge gitlab | node scripts/gitlabComment.js
 *
 * Exit status: 0 where it was written; 2 otherwise.
 */
"use strict";

const { OF_EARLIER_PUSH, assertComment, isComment } = require("./previewComment.js");

/** Characters of a note. */
const LONGEST_BODY = 1_000_000;
const PAGE_SIZE = 100;
/** A merge request has fewer pages. */
const MOST_PAGES = 1_000;
const TIMEOUT_MS = 30_000;
const EXIT_ERROR = 2;

/**
 * Writes the comment, or rewrites the one that the token's own user wrote in an earlier run. One that somebody else wrote is
 * never touched, whatever is in it.
 *
 * @param api address of GitLab's API, `https://gitlab.example/api/v4`
 * @param project its number, or its path
 * @param mergeRequest its number within the project
 * @param token an access token with the scope `api`
 * @param commit of the source branch, that was previewed: a pipeline of an earlier push may be run again; empty where it is not known
 */
async function keepNote({ api, project, mergeRequest, token, commit, body }) {
  assertComment(body, LONGEST_BODY);
  const ask = (method, path, content) => askGitLab({ api, token }, method, path, content);
  const place = `/projects/${encodeURIComponent(project)}/merge_requests/${encodeURIComponent(mergeRequest)}`;
  const notes = `${place}/notes`;
  if (commit && (await ask("GET", place)).body.sha !== commit) {
    console.log(OF_EARLIER_PUSH);
    return;
  }
  const { body: user } = await ask("GET", "/user");
  const own = await find(
    ask,
    notes,
    (note) => note.author?.id === user.id && !note.system && isComment(note.body),
  );
  if (own) await ask("PUT", `${notes}/${encodeURIComponent(own.id)}`, { body });
  else await ask("POST", notes, { body });
}

/** The first that fits, on whatever page it is. */
async function find(ask, list, isMeant, more = "") {
  for (let page = "1", count = 0; page && count < MOST_PAGES; count++) {
    const { body, next } = await ask(
      "GET",
      `${list}?per_page=${PAGE_SIZE}&page=${page}&sort=asc&order_by=created_at${more}`,
    );
    const found = body.find(isMeant);
    if (found) return found;
    page = next;
  }
  return undefined;
}

const HINTS = {
  401: " Is GITLAB_TOKEN right?",
  403: " Does GITLAB_TOKEN have the scope api?",
  // what a token may not see is not there for it
  404: " Is GITLAB_TOKEN one of this project, with a role that may write there?",
};

async function askGitLab({ api, token }, method, path, content) {
  const { protocol, hostname } = new URL(api);
  if (protocol !== "https:" && !["127.0.0.1", "localhost", "[::1]"].includes(hostname))
    throw new Error(
      `The address of GitLab's API must begin with https://, or the token could be read on the way.`,
    );
  const response = await fetch(api.replace(/\/+$/, "") + path, {
    method,
    headers: { "PRIVATE-TOKEN": token, ...(content && { "content-type": "application/json" }) },
    ...(content && { body: JSON.stringify(content) }),
    // a token goes nowhere else
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) {
    const hint = HINTS[response.status] ?? "";
    throw new Error(
      `GitLab answered ${method} ${path.split("?")[0]} with status ${response.status}, so nothing was written.${hint}`,
    );
  }
  return { body: await response.json(), next: response.headers.get("x-next-page") };
}

/** The variables that a job of a merge request has, and the token. */
const VARIABLES = {
  api: "CI_API_V4_URL",
  project: "CI_PROJECT_ID",
  mergeRequest: "CI_MERGE_REQUEST_IID",
  token: "GITLAB_TOKEN",
};

/** What the variables of a job hold, by what it is called here. Fails where one is missing. */
function variablesOf(variables) {
  const missing = Object.values(variables).filter((name) => !process.env[name]);
  if (missing.length > 0)
    throw new Error(
      `${missing.join(", ")} must be set, as a job of a merge request has them. Nothing was written.`,
    );
  return Object.fromEntries(
    Object.entries(variables).map(([name, variable]) => [name, process.env[variable]]),
  );
}

async function inputOf(stream) {
  let text = "";
  for await (const part of stream.setEncoding("utf8")) text += part;
  return text.trimEnd();
}

async function main() {
  const { CI_COMMIT_SHA, CI_MERGE_REQUEST_SOURCE_BRANCH_SHA } = process.env;
  // a pipeline of merged results runs on a commit of its own
  const commit = CI_MERGE_REQUEST_SOURCE_BRANCH_SHA || CI_COMMIT_SHA;
  await keepNote({ ...variablesOf(VARIABLES), commit, body: await inputOf(process.stdin) });
}

if (require.main === module)
  main().catch((error) => {
    console.error(`error: ${error.message}`);
    process.exitCode = EXIT_ERROR;
  });

module.exports = { askGitLab, find, inputOf, keepNote, variablesOf };
