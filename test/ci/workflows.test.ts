import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as yaml from "js-yaml";

const ROOT = path.join(__dirname, "../..");
const WORKFLOWS = path.join(ROOT, ".github/workflows");

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}

interface Job {
  "timeout-minutes"?: number;
  permissions?: Record<string, string>;
  needs?: string;
  environment?: string;
  steps: Step[];
}

interface Workflow {
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  jobs: Record<string, Job>;
}

describe("GitHub workflows", () => {
  for (const name of fs.readdirSync(WORKFLOWS)) {
    describe(name, () => {
      const text = fs.readFileSync(path.join(WORKFLOWS, name), "utf8");
      const workflow = yaml.load(text) as Workflow;
      const jobs = Object.values(workflow.jobs);
      const steps = jobs.flatMap((job) => job.steps);

      it("pins every action to a commit, and tells its version", () => {
        const uses = [...text.matchAll(/uses: (.*)/g)].map(([, action]) => action);
        assert.equal(uses.length, steps.filter((step) => step.uses).length);
        for (const action of uses) assert.match(action, /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
      });

      it("writes nothing to the repository, and leaves no token in the clone", () => {
        for (const permissions of [workflow.permissions, ...jobs.map((job) => job.permissions ?? {})]) {
          const writes = Object.entries(permissions).filter(([, access]) => access !== "read");
          assert.deepEqual(
            writes.filter(([scope]) => scope !== "pull-requests"),
            [],
          );
        }
        const clones = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
        assert.ok(clones.length > 0);
        for (const clone of clones) assert.equal(clone.with?.["persist-credentials"], false);
        assert.ok(!("pull_request_target" in workflow.on));
      });

      it("gives secrets only to jobs that a reviewer is asked for", () => {
        for (const [job, { needs, environment }] of Object.entries(workflow.jobs)) {
          const own = text.slice(text.indexOf(`\n  ${job}:\n`)).split(/\n\n {2}\w/)[0];
          if (!own.includes("secrets.")) continue;
          assert.deepEqual([needs, environment], ["reviewed", "preview"], job);
        }
      });

      it("ends at some time, and puts no text of others into a script", () => {
        for (const job of jobs) assert.ok(job["timeout-minutes"]);
        for (const { run = "", with: { script = "" } = {} } of steps)
          assert.doesNotMatch(`${run}${script}`, /\$\{\{/);
      });

      it("takes nothing that a preview prints for a command to the runner", () => {
        for (const { run = "" } of steps) {
          const lines = run.split("\n");
          const shown = lines.flatMap((line, at) => (/^\s*cat /.test(line) ? [at] : []));
          for (const at of shown) {
            assert.match(lines[at - 1], /^echo "::stop-commands::\$stop"$/);
            assert.match(lines[at - 2], /^stop="stop-\$\(openssl rand -hex 16\)"$/);
            assert.equal(lines[at + 1], 'echo "::$stop::"');
          }
        }
      });

      it("calls commands that there are", () => {
        const { scripts } = JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8")) as {
          scripts: Record<string, string>;
        };
        const called = [...text.matchAll(/npm (?:run (?:--silent )?([\w-]+)|(test))\b/g)].map(
          ([, script, test]) => script ?? test,
        );
        assert.ok(called.length > 0);
        for (const script of called) assert.ok(script in scripts, `no script ${script}`);
      });
    });
  }
});
