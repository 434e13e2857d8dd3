import assert from "node:assert/strict";

const { assertReviewed } = require("../../scripts/previewGuard.js") as {
  assertReviewed: (run: Record<string, unknown>) => Promise<void>;
};

describe("scripts/previewGuard", () => {
  const guard = (
    environment: object | { status: number },
    { stack = "prod", unreviewed = "", actor = "somebody" } = {},
  ) => {
    const getEnvironment = (args: object) => {
      assert.deepEqual(args, { owner: "o", repo: "r", environment_name: "preview" });
      if ("status" in environment) return Promise.reject(Object.assign(new Error("no"), environment));
      return Promise.resolve({ data: environment });
    };
    const context = { actor, repo: { owner: "o", repo: "r" } };
    return assertReviewed({ github: { rest: { repos: { getEnvironment } } }, context, stack, unreviewed });
  };
  const reviewers = (...names: string[]) => ({
    protection_rules: [
      { type: "required_reviewers", reviewers: names.map((login) => ({ type: "User", login })) },
    ],
  });
  const refusal =
    /^Error: The environment preview asks for no reviewer, so the stack prod was not previewed: .* Set required reviewers .* PREVIEW_UNREVIEWED to yes\.$/;

  it("lets a preview begin that a reviewer has to allow", () => guard(reviewers("somebody")));

  for (const [what, environment] of [
    ["that there is not", { status: 404 }],
    ["without rules", {}],
    ["with a waiting time only", { protection_rules: [{ type: "wait_timer", wait_timer: 30 }] }],
    ["with an empty list of reviewers", reviewers()],
  ] as const) {
    it(`refuses an environment ${what}`, () => assert.rejects(guard(environment), refusal));
  }

  it("fails where it cannot look", () => assert.rejects(guard({ status: 403 }), /no/));

  it("asks nothing of the stack dev, which needs no secret", () => guard({ status: 500 }, { stack: "" }));

  it("refuses a run of Dependabot's, which gets no secret, whoever else may have them", async () => {
    const actor = "dependabot[bot]";
    for (const unreviewed of ["", "yes"])
      await assert.rejects(
        guard(reviewers("somebody"), { actor, unreviewed }),
        /^Error: GitHub gives no secret to a run that Dependabot has started, so the stack prod was not previewed\./,
      );
    await guard({ status: 500 }, { actor, stack: "" });
  });

  it("goes by the word of who says that everybody may have the secrets", async () => {
    await guard({}, { unreviewed: "yes" });
    await assert.rejects(guard({}, { unreviewed: "no" }), refusal);
  });
});
