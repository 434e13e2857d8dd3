/**
 * Lets a preview begin only where somebody looks at a pull request before its code gets the secrets of the environment;
 * see .github/workflows/preview.yml and docs/security.md. It tells of an environment that was set up without: what holds
 * a pull request back is GitHub's own rule, as a pull request may also change this file and the workflow.
 */
"use strict";

const ENVIRONMENT = "preview";
const DEPENDABOT = "dependabot[bot]";

/**
 * @param github an authenticated Octokit with its REST plugin, as actions/github-script has it
 * @param stack those that are touched; empty where there is none, and for the stack "dev", which needs no secret
 * @param unreviewed the variable PREVIEW_UNREVIEWED; "yes" where everybody who can push may have the secrets
 */
async function assertReviewed({ github, context, stack, unreviewed }) {
  if (!stack) return;
  // what is told of an empty state would be wrong
  if (context.actor === DEPENDABOT)
    throw new Error(
      `GitHub gives no secret to a run that Dependabot has started, so the stack ${stack} was not previewed. Push a commit of your own to ` +
        `the branch, once you have read what it changes; to run this again is not enough.`,
    );
  if (unreviewed === "yes") return;
  const rules = await protectionRules(github, context.repo);
  const reviewers = rules
    .filter(({ type }) => type === "required_reviewers")
    .flatMap((rule) => rule.reviewers ?? []);
  if (reviewers.length > 0) return;
  throw new Error(
    `The environment ${ENVIRONMENT} asks for no reviewer, so the stack ${stack} was not previewed: the code of a pull request would get ` +
      `its secrets unseen. Set required reviewers in the settings of the repository (Environments, ${ENVIRONMENT}). Where everybody who can ` +
      `push may have these secrets, set the repository variable PREVIEW_UNREVIEWED to yes.`,
  );
}

/** None where there is no such environment yet: GitHub makes one without rules when a job first names it. */
async function protectionRules(github, { owner, repo }) {
  try {
    const { data } = await github.rest.repos.getEnvironment({ owner, repo, environment_name: ENVIRONMENT });
    return data.protection_rules ?? [];
  } catch (error) {
    if (error.status === 404) return [];
    throw error;
  }
}

module.exports = { assertReviewed };
