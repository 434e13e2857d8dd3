/** Finds the stacks that a pull request touches; see .github/workflows/preview.yml. */
"use strict";

/** What no stack is made of. */
const NO_PART = /^(docs|bench|test)\/|\.md$|^LICENSE$/;

/**
 * A stack's own file touches that stack alone, documents and tests none; all else may change what any of them does.
 *
 * @param github an authenticated Octokit with its REST and paging plugins
 * @param stacks all that may be previewed
 */
async function touchedStacks({ github, context, stacks }) {
  const { owner, repo } = context.repo;
  const pull = { owner, repo, pull_number: context.payload.pull_request.number };
  const files = await github.paginate(github.rest.pulls.listFiles, { ...pull, per_page: 100 });
  const names = files.flatMap(({ filename, previous_filename: before }) => [
    filename,
    ...(before ? [before] : []),
  ]);
  // GitHub lists no more than these
  const isAll = names.length >= 3_000;
  const touched = names
    .filter((name) => !NO_PART.test(name))
    .map((name) => /^Pulumi\.([^/]+)\.yaml$/.exec(name)?.[1]);
  return isAll || touched.includes(undefined) ? stacks : stacks.filter((stack) => touched.includes(stack));
}

/** The stacks that the settings of a repository name: a list in JSON, or one alone; `dev` where there is neither. */
function stacksOf({ list, one }) {
  if (!list) return [one || "dev"];
  let stacks;
  try {
    stacks = JSON.parse(list);
  } catch {
    // told below
  }
  const isName = (name) => typeof name === "string" && /^[a-zA-Z0-9][-_.a-zA-Z0-9]{0,99}$/.test(name);
  if (Array.isArray(stacks) && stacks.length > 0 && stacks.every(isName)) return [...new Set(stacks)];
  throw new Error(
    `The stacks to preview (the variable PREVIEW_STACKS, or the input stacks) must be a list of names in JSON, such as ["staging", "prod"]. ` +
      "Nothing was previewed.",
  );
}

module.exports = { stacksOf, touchedStacks };
