import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as yaml from "js-yaml";
import { readConfigOf } from "../../cli/stack/file/stackFile";

const ROOT = path.resolve(__dirname, "../..");
const EXAMPLES = path.join(ROOT, "examples", "environments");

describe("the example environments", () => {
  const former = process.env.KUMA_FEDERATION_STACKS;
  before(() => (process.env.KUMA_FEDERATION_STACKS = EXAMPLES));
  after(() => {
    if (former === undefined) delete process.env.KUMA_FEDERATION_STACKS;
    else process.env.KUMA_FEDERATION_STACKS = former;
  });

  for (const stack of ["dev", "staging", "prod"])
    it(`are stacks that can be read: ${stack}`, () => {
      const config = readConfigOf(ROOT, stack);
      assert.equal(config.zones.length, 1);
      assert.equal(config.protect, stack === "prod" ? true : undefined);
      assert.equal(config.guardrails, stack === "dev" ? "advisory" : "mandatory");
    });

  it("promote one after the other, by commands and scripts that there are", () => {
    const text = fs.readFileSync(path.join(EXAMPLES, ".github/workflows/promote.yml"), "utf8");
    const { jobs } = yaml.load(text) as { jobs: Record<string, { needs?: string }> };
    assert.deepEqual(
      Object.entries(jobs).map(([name, { needs }]) => [name, needs]),
      [
        ["dev", undefined],
        ["staging", "dev"],
        ["prod", "staging"],
      ],
    );
    const gitlab = fs.readFileSync(path.join(EXAMPLES, ".gitlab-ci.yml"), "utf8");
    yaml.load(gitlab);
    const { scripts } = JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    for (const [, name] of gitlab.matchAll(/npm run --silent ([\w-]+)/g)) assert.ok(name in scripts, name);
    for (const [, name] of gitlab.matchAll(/node (scripts\/\w+\.js)/g))
      assert.ok(fs.existsSync(path.join(ROOT, name)), name);
  });

  it("have the merge request's pipeline fail with the preview, once the comment is written", () => {
    const text = fs.readFileSync(path.join(EXAMPLES, ".gitlab-ci.yml"), "utf8");
    const { comment } = yaml.load(text) as { comment: { script: string[] } };
    const [write, fail] = comment.script.slice(-2);
    assert.match(write, /gitlabComment\.js/);
    const place = fs.mkdtempSync(path.join(os.tmpdir(), "kuma-federation-test-"));
    const statusOf = (report: string) => {
      fs.writeFileSync(path.join(place, "staging.json"), report);
      return spawnSync("sh", ["-e", "-c", fail], { cwd: place }).status;
    };
    const told = Object.fromEntries(
      ["same", "changes", "incomplete", "failed"].map((outcome) => [
        outcome,
        statusOf(JSON.stringify({ outcome })),
      ]),
    );
    const none = statusOf("");
    fs.rmSync(place, { recursive: true });
    assert.deepEqual(told, { same: 0, changes: 0, incomplete: 1, failed: 1 });
    assert.notEqual(none, 0);
  });
});
