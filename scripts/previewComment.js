/**
 * Keeps one comment on a pull request on GitHub that shows what the latest previews said; see .github/workflows/preview.yml.
 * `npm run pr-comment` makes its text, which ends with a line that nobody sees and by which it is found again.
 */
"use strict";

/** As in cli/comment/forge.ts, which is not here. */
const MARKER = "<!-- kuma-federation: previews -->";
/** Characters (GitHub). */
const LONGEST_BODY = 65_536;
const UNTOUCHED = `### ✅ No stack is touched any more\n\nThere is nothing left to preview.\n\n${MARKER}`;

/** What is printed in place of writing. */
const OF_EARLIER_PUSH =
  "This run is of an earlier push: the comment is that of a later one, so nothing was written.";

/**
 * Writes the comment, or rewrites the one of an earlier run. One that somebody else wrote is never touched, whatever is
 * in it.
 *
 * @param github an authenticated Octokit with its REST and paging plugins, as actions/github-script has it
 * @param context the run's context, of an event of a pull request
 * @param body what `npm run pr-comment` printed
 */
async function keepComment({ github, context, body }) {
  assertComment(body, LONGEST_BODY);
  if (!(await isOfNow(github, context))) return;
  const pull = pullIn(context);
  const own = await ownComment(github, pull);
  if (own) await rewrite(github, pull, own, body);
  else await github.rest.issues.createComment({ ...pull, body });
}

/** Has the comment of an earlier run say that nothing of it stands any more; writes none where there is none. */
async function tellUntouched({ github, context }) {
  if (!(await isOfNow(github, context))) return;
  const pull = pullIn(context);
  const own = await ownComment(github, pull);
  if (own && own.body !== UNTOUCHED) await rewrite(github, pull, own, UNTOUCHED);
}

/** A run of an earlier push may be started again once a later one has written the comment. */
async function isOfNow(github, context) {
  const { number, head } = context.payload.pull_request;
  const { data } = await github.rest.pulls.get({ ...context.repo, pull_number: number });
  if (data.head.sha === head.sha) return true;
  console.log(OF_EARLIER_PUSH);
  return false;
}

function pullIn(context) {
  return { ...context.repo, issue_number: context.payload.pull_request.number };
}

async function ownComment(github, pull) {
  const comments = await github.paginate(github.rest.issues.listComments, { ...pull, per_page: 100 });
  return comments.find((comment) => comment.user?.login === "github-actions[bot]" && isComment(comment.body));
}

function rewrite(github, { owner, repo }, { id }, body) {
  return github.rest.issues.updateComment({ owner, repo, comment_id: id, body });
}

/** Whether a text is one that this program made. */
function isComment(body) {
  return typeof body === "string" && body.trimEnd().endsWith(MARKER);
}

/** Fails where a text is none that `npm run pr-comment` made for the forge. */
function assertComment(body, longest) {
  if (isComment(body) && body.length <= longest) return;
  throw new Error(
    "There is no comment to write: npm run pr-comment has printed none, or one for another forge. Nothing was written. " +
      "Look at the job that makes it.",
  );
}

module.exports = { MARKER, OF_EARLIER_PUSH, assertComment, isComment, keepComment, tellUntouched };
