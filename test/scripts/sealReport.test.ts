import assert from "node:assert/strict";
import * as v from "valibot";
import { PREVIEW_REPORT } from "../../cli/preview/report";
import { reportOf } from "../cli/comment/reports";

const { sealed } = require("../../scripts/sealReport.js") as {
  sealed: (given: { stack: string; report: string; log: string; secrets: string[] }) => string;
};

describe("scripts/sealReport", () => {
  const seal = (report: string, log = "", secrets: string[] = []) => {
    const text = sealed({ stack: "dev", report, log, secrets });
    return { text, report: v.parse(PREVIEW_REPORT, JSON.parse(text)) };
  };

  it("lets a report pass that holds no secret", () => {
    const report = JSON.stringify(reportOf("dev"));
    assert.equal(seal(report, "", ["", "short", "a-secret-of-the-job"]).text, report);
  });

  it("lets none pass that holds one, a line of one, or one that JSON writes with escapes", () => {
    for (const [found, secret] of [
      ["a-secret-of-the-job", "a-secret-of-the-job"],
      ["token: abcdefgh", "clusters: []\ntoken: abcdefgh\n"],
      ['pass"word\\1', 'pass"word\\1'],
    ]) {
      const { text, report } = seal(JSON.stringify(reportOf("dev", { notes: [`it is ${found}`] })), "", [
        secret,
      ]);
      assert.equal(report.outcome, "failed");
      assert.match(report.error ?? "", /holds a secret, so it is not shown/);
      assert.ok(!text.includes(found));
    }
  });

  it("tells how a preview ended that gave no report, unless that holds a secret", () => {
    assert.match(
      seal("", "npm error: no\n").report.error ?? "",
      /There is no report. It ended with:\nnpm error: no$/,
    );
    assert.match(
      seal("{", "the-secret-1\n", ["the-secret-1"]).report.error ?? "",
      /The job's log says why\.$/,
    );
    assert.equal(seal("{}").report.stack, "dev");
  });
});
