import assert from "node:assert/strict";

const { stacksOf, touchedStacks } = require("../../scripts/touchedStacks.js") as {
  stacksOf: (named: { list?: string; one?: string }) => string[];
  touchedStacks: (run: Record<string, unknown>) => Promise<string[]>;
};

describe("scripts/touchedStacks", () => {
  const touched = (...files: (string | { filename: string; previous_filename?: string })[]) => {
    const listFiles = () => assert.fail("it must be paged");
    const github = {
      rest: { pulls: { listFiles } },
      paginate: (endpoint: unknown, args: object) => {
        assert.equal(endpoint, listFiles);
        assert.deepEqual(args, { owner: "o", repo: "r", pull_number: 7, per_page: 100 });
        return Promise.resolve(files.map((file) => (typeof file === "string" ? { filename: file } : file)));
      },
    };
    const context = { repo: { owner: "o", repo: "r" }, payload: { pull_request: { number: 7 } } };
    return touchedStacks({ github, context, stacks: ["dev", "staging", "prod"] });
  };

  it("takes a stack's own file for that stack alone, also where it was renamed", async () => {
    assert.deepEqual(await touched("Pulumi.prod.yaml", "docs/a.md", "README.md"), ["prod"]);
    const renamed = { filename: "Pulumi.new.yaml", previous_filename: "Pulumi.dev.yaml" };
    assert.deepEqual(await touched(renamed), ["dev"]);
  });

  it("takes documents and tests for none, and anything else for all", async () => {
    assert.deepEqual(await touched("docs/a.md", "test/a.ts", "CHANGELOG.md"), []);
    for (const file of [
      "policies/a.yaml",
      "kuma/zone/zone.ts",
      "Pulumi.yaml",
      "a/Pulumi.dev.yaml",
      "package-lock.json",
    ])
      assert.deepEqual(await touched("Pulumi.dev.yaml", file), ["dev", "staging", "prod"], file);
    const many = Array.from({ length: 3_000 }, () => "docs/a.md");
    assert.deepEqual(await touched(...many), ["dev", "staging", "prod"]);
  });

  it("reads the stacks that a repository names", () => {
    assert.deepEqual(stacksOf({}), ["dev"]);
    assert.deepEqual(stacksOf({ list: "", one: "prod" }), ["prod"]);
    assert.deepEqual(stacksOf({ list: '["a","b","a"]', one: "prod" }), ["a", "b"]);
    for (const list of ["prod", "[]", "[1]", '["../x"]', '{"a":1}', '["a b"]'])
      assert.throws(() => stacksOf({ list }), /must be a list of names in JSON/, list);
  });
});
