import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { cleanUp, tempDir, writeProgram } from "../toolchain/support";

describe(".ci/run", () => {
  afterEach(cleanUp);

  /** Runs the script with an npm that prints `output` for `npm test`. */
  const run = (output: string, testStatus: number, lintStatus = 0) => {
    const project = tempDir();
    fs.mkdirSync(path.join(project, ".ci"));
    fs.copyFileSync(path.resolve(__dirname, "../../.ci/run"), path.join(project, ".ci/run"));
    const bin = path.dirname(
      writeProgram(
        path.join(project, "bin/npm"),
        `[ "$*" = "run lint" ] && exit ${lintStatus}`,
        '[ "$*" = test ] || exit 99',
        `printf '${output}'`,
        `exit ${testStatus}`,
      ),
    );
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
    const result = spawnSync(path.join(project, ".ci/run"), { env, encoding: "utf8" });
    return {
      status: result.status,
      lastLine: result.stdout.trimEnd().split("\n").at(-1),
      all: result.stdout,
    };
  };

  it("ends with the counts of the runner's summary", () => {
    const { status, lastLine, all } = run("  ✔ a test\\n\\n  12 passing (3s)\\n  1 pending\\n\\n", 0);
    assert.deepEqual([status, lastLine], [0, "12 passed, 0 failed, 1 skipped"]);
    assert.match(all, /✔ a test/);
  });

  it("ends so too when tests fail, with the runner's status", () => {
    const { status, lastLine } = run("  10 passing (1m)\\n  2 failing\\n\\n  1) x\\n     2 passing by\\n", 2);
    assert.deepEqual([status, lastLine], [2, "10 passed, 2 failed, 0 skipped"]);
  });

  it("fails when lint fails, and still runs the tests", () => {
    const { status, lastLine } = run("  12 passing (3s)\\n", 0, 1);
    assert.deepEqual([status, lastLine], [1, "12 passed, 0 failed, 0 skipped"]);
  });

  it("fails when the runner has no summary", () => {
    assert.deepEqual(run("boom\\n", 0).status, 1);
    assert.equal(run("boom\\n", 1).lastLine, "0 passed, 1 failed, 0 skipped");
  });
});
