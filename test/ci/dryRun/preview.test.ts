import assert from "node:assert/strict";
import { captureLog } from "../../support/captureLog";
import { cleanUp } from "../../support/cleanUp";
import { needsEngine } from "../../support/pulumi/engine";
import { PASSPHRASE, STACK, Stage } from "./stage";

const FOR_ALL = [
  "type: MeshTrafficPermission",
  "name: for-all",
  "mesh: default",
  "spec:",
  "  targetRef: { kind: Mesh }",
  "  from:",
  "    - targetRef: { kind: Mesh }",
  "      default: { action: Allow }",
  "",
].join("\n");

/** The steps of preview.yml as they stand there, on this machine: see the list of what they are not run with in README.md. */
describe("a dry run of preview.yml", function () {
  needsEngine();
  this.timeout(600_000);
  let stage: Stage;

  before(async () => {
    stage = await Stage.open();
  });
  after(() => stage?.close());
  afterEach(cleanUp);

  const results = (jobs: Awaited<ReturnType<Stage["preview"]>>) =>
    Object.fromEntries(Object.entries(jobs).map(([name, { result }]) => [name, result]));

  it("writes a comment on a first pull request", async () => {
    const jobs = await stage.preview(stage.change({ onDrift: "report" }));
    const told = Object.values(jobs)
      .map(({ log }) => log)
      .join("\n");
    const done = { reviewed: "success", preview: "success", render: "success", comment: "success" };
    assert.deepEqual(results(jobs), { ...done, untouched: "skipped", verdict: "success" }, told);
    const [{ body }, ...more] = stage.forge.comments;
    assert.deepEqual(more, []);
    assert.match(
      body,
      new RegExp(`^### 🔄 \`${STACK}\`: \\d+ resources to create, 1 control plane to restart`),
    );
    assert.doesNotMatch(told + body, new RegExp(PASSPHRASE));
    // nothing that a preview prints is a command to the runner
    assert.match(jobs.preview.log, /^::stop-commands::(stop-\w{32})\n[^]*^::\1::$/m);
  });

  it("rewrites it with the next push, and fails where a mandatory guardrail is broken", async () => {
    const head = stage.change(
      { guardrails: "mandatory", policies: "policies/shop" },
      { "policies/shop/all.yaml": FOR_ALL },
    );
    const jobs = await stage.preview(head);
    assert.equal(results(jobs).preview, "success", jobs.preview.log);
    assert.deepEqual(
      [results(jobs).comment, results(jobs).verdict],
      ["success", "failure"],
      "the check is red",
    );
    const [{ body }, ...more] = stage.forge.comments;
    assert.deepEqual(more, []);
    assert.match(body, /^### ⛔ `shop`: \d+ mandatory guardrails? broken/);
    assert.match(body, /permission-narrow/);
    assert.match(body, new RegExp(`\nPreviewed at ${head}\\.\n`));
  });

  it("says so where a later push touches no stack any more", async () => {
    const before = stage.repository.commit({ "policies/shop/all.yaml": undefined });
    assert.notEqual(before, stage.base);
    const head = stage.change({}, { "docs/terms.md": "# Terms\n" });
    const jobs = await stage.preview(head);
    assert.deepEqual(results(jobs), {
      ...{
        reviewed: "success",
        preview: "skipped",
        render: "skipped",
        comment: "skipped",
        ...{ untouched: "success", verdict: "success" },
      },
    });
    const [{ body }, ...more] = stage.forge.comments;
    assert.deepEqual(more, []);
    assert.match(body, /^### ✅ No stack is touched any more/);
  });

  it("tells of a stack whose file is taken away, beside one that changes", async () => {
    const base = stage.repository.commit({ "Pulumi.gone.yaml": "config: {}\n" });
    const head = stage.change({ onDrift: "report" }, { "Pulumi.gone.yaml": undefined });
    const jobs = await stage.preview(head, { base, stacks: [STACK, "gone", "untouched"] });
    assert.deepEqual([results(jobs).comment, results(jobs).verdict], ["success", "failure"]);
    const [{ body }, ...more] = stage.forge.comments;
    assert.deepEqual(more, []);
    assert.match(body, /^### ❌ 2 stacks\. Would stop: `gone`; Change: `shop`\n/);
    assert.match(
      body,
      /There is no stack gone: [^]*To take a stack's file\s+away takes nothing down: npm run destroy/,
    );
  });

  it("leaves the comment as it is where a run of an earlier push is started again", async () => {
    const [{ body: before }] = stage.forge.comments;
    const { lines } = captureLog();
    const jobs = await stage.preview(stage.change({ onDrift: "overwrite" }), { isLast: false });
    assert.equal(results(jobs).comment, "success");
    assert.match(lines.join("\n"), /^This run is of an earlier push/m);
    await stage.preview(stage.base, { isLast: false });
    assert.deepEqual(
      stage.forge.comments.map(({ body }) => body),
      [before],
    );
  });

  it("writes nothing where no stack was touched from the beginning", async () => {
    stage.forge.comments.length = 0;
    const jobs = await stage.preview(stage.base);
    assert.equal(results(jobs).untouched, "success");
    assert.deepEqual(stage.forge.comments, []);
  });

  it("gives a fork nothing", async () => {
    const jobs = await stage.preview(stage.change({ onDrift: "report" }), { fork: true });
    assert.deepEqual([...new Set(Object.values(results(jobs)))], ["skipped"]);
    assert.deepEqual(stage.forge.comments, []);
  });

  it("gives no secret where nobody has to look first", async () => {
    for (const reviewers of [0, undefined]) {
      stage.forge.reviewers = reviewers;
      const jobs = await stage.preview(stage.change({ onDrift: "report" }));
      assert.equal(results(jobs).preview, "skipped");
      assert.equal(results(jobs).verdict, "failure", "a check that is skipped would pass");
      assert.match(jobs.reviewed.log, /asks for no reviewer, so the stack shop was not previewed/);
    }
    assert.deepEqual(stage.forge.comments, []);
  });
});
