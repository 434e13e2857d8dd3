import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
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
  needs?: string | string[];
  environment?: string;
  steps: Step[];
}

interface Workflow {
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  concurrency?: { group: string; "cancel-in-progress": boolean };
  jobs: Record<string, Job>;
}

/** A program for workflows, as it is called, or as a variable names it; neither is part of the dependencies. */
function found(program: string, variable: string): string | undefined {
  const named = process.env[variable] ?? program;
  return spawnSync(named, ["--version"]).status === 0 ? named : undefined;
}

describe("GitHub workflows", () => {
  for (const [program, variable, ...args] of [
    ["actionlint", "ACTIONLINT"],
    ["zizmor", "ZIZMOR", "--offline"],
  ]) {
    it(`pass ${program}, where that is to be had`, function () {
      const place = found(program, variable);
      if (place === undefined) return this.skip();
      const files = fs.readdirSync(WORKFLOWS).map((name) => path.join(WORKFLOWS, name));
      const { status, stdout, stderr } = spawnSync(place, [...args, ...files], { encoding: "utf8" });
      assert.equal(status, 0, `${stdout}${stderr}`);
    });
  }

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
            writes.filter(([scope]) => scope !== "pull-requests" && scope !== "issues"),
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
          if ("pull_request" in workflow.on) {
            assert.deepEqual([needs, environment], ["reviewed", "preview"], job);
            continue;
          }
          assert.match(environment ?? "", /^\$\{\{ (inputs|matrix)\.stack \}\}(-plan)?$/, job);
          // what runs there has been merged
          const first = needs === undefined ? own : text;
          const onBranch =
            "github.ref_type == 'branch' && github.ref_name == github.event.repository.default_branch";
          assert.ok(first.includes(onBranch), job);
        }
      });

      it("lets no job write that has a secret, or runs what a pull request brings", () => {
        for (const [job, { permissions = {}, steps: own }] of Object.entries(workflow.jobs)) {
          if (!Object.values(permissions).includes("write")) continue;
          const text = JSON.stringify(own);
          assert.doesNotMatch(text, /secrets\./, job);
          assert.doesNotMatch(text, /npm |node /, job);
          for (const { uses, with: inputs } of own)
            if ("pull_request" in workflow.on && uses?.startsWith("actions/checkout@"))
              assert.equal(inputs?.ref, "${{ github.event.pull_request.base.sha }}", job);
        }
      });

      it("takes no other run's place in the queue where it does nothing itself", () => {
        const { group = "", "cancel-in-progress": cancels } = workflow.concurrency ?? {};
        // which of them run is decided once a run has its place
        const isRefused = text.includes("github.event.repository.default_branch");
        if (isRefused) assert.ok(group.endsWith("-${{ github.ref }}") && cancels === false, group);
        else assert.ok(group === "" || group.includes("${{ github.ref }}"), group);
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
