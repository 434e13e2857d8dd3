/**
 * Keeps one comment on a pull request that shows what the latest preview of a stack said; see
 * .github/workflows/preview.yml. GitHub's comments hold 65,536 characters.
 */
"use strict";

const LONGEST_TEXT = 50_000;
/** No line of a preview has more backticks in a row, and each of them makes the fence longer. */
const LONGEST_TICKS = 100;

/** As in kuma/printable.ts, which is not here: what nobody sees, or what changes the order of what is read. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Writes the comment, or rewrites the one of an earlier run. One that somebody else wrote is never touched, whatever is
 * in it.
 *
 * @param github an authenticated Octokit with its REST and paging plugins, as actions/github-script has it
 * @param context the run's context, of an event of a pull request
 * @param status exit status of the preview, as text
 * @param text what the preview printed; empty where GitHub kept it back because it holds a secret
 */
async function keepComment({ github, context, stack, status, text }) {
  const { owner, repo } = context.repo;
  const issue = { owner, repo, issue_number: context.payload.pull_request.number };
  const marker = `<!-- kuma-federation preview of ${stack} -->`;
  const body = `${marker}\n${commentBody(stack, status, text)}`;
  const comments = await github.paginate(github.rest.issues.listComments, { ...issue, per_page: 100 });
  const own = comments.find(
    (comment) => comment.user?.login === "github-actions[bot]" && comment.body?.startsWith(marker),
  );
  if (own) await github.rest.issues.updateComment({ owner, repo, comment_id: own.id, body });
  else await github.rest.issues.createComment({ ...issue, body });
}

function commentBody(stack, status, text) {
  const heading = `**Preview of stack \`${stack}\`** ${status === "0" ? "succeeded" : "failed"}`;
  if (!text) {
    return `${heading}\n\nWhat it printed is not shown here, since it may hold a secret; the job's log has it, masked.`;
  }
  const visible = text.replace(UNPRINTABLE, (found) =>
    found === "\n" || found === "\t" ? found : `\\u{${found.codePointAt(0).toString(16)}}`,
  );
  const beginning =
    visible.length > LONGEST_TEXT
      ? `${visible.slice(0, LONGEST_TEXT)}\n… and more, in the job's log`
      : visible;
  const shown = beginning.replace(/`+/g, (ticks) =>
    ticks.length > LONGEST_TICKS ? `${ticks.slice(0, LONGEST_TICKS)}…` : ticks,
  );
  // longer than any fence within, so that the text cannot end the block
  const fence = "`".repeat(Math.max(3, ...[...shown.matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)));
  return `${heading}\n\n${fence}\n${shown.trimEnd()}\n${fence}`;
}

module.exports = { keepComment };
