import * as assert from "node:assert/strict";
import { formatReports, outcomeOf } from "../../../cli/commands/preflight";
import type { CheckResult, PreflightReport, Verdict } from "../../../kuma";

const check = (verdict: Verdict, more: Partial<CheckResult> = {}): CheckResult => ({
  code: `code-${verdict}`,
  title: "what",
  verdict,
  sentence: `Found ${verdict}.`,
  evidence: [],
  ...more,
});
const report = (...checks: CheckResult[]): PreflightReport => ({ zone: "zone-1", checks });

describe("cli/commands/preflight", () => {
  const outcomes: [Verdict[], string, number][] = [
    [[], "clean", 0],
    [["ok", "pending"], "clean", 0],
    [["ok", "warning"], "clean", 0],
    [["inconclusive", "warning"], "inconclusive", 3],
    [["inconclusive", "blocker", "ok"], "blocked", 1],
  ];
  for (const [verdicts, word, status] of outcomes) {
    it(`is ${word} (${status}) with ${verdicts.join(", ") || "nothing"}`, () => {
      const checks = verdicts.map((verdict) => check(verdict));
      assert.deepEqual(outcomeOf([report(), report(...checks)]), { word, status });
    });
  }

  it("shows every check in a line, and below what was seen and what to do", () => {
    const blocker = check("blocker", { evidence: ["seen"], remedy: "Do this." });
    assert.equal(
      formatReports([report(check("ok"), blocker, { ...blocker, code: "again" })]),
      [
        "Zone zone-1",
        "CHECK         VERDICT  WHAT WAS FOUND",
        "code-ok       ok       Found ok.",
        "code-blocker  blocker  Found blocker.",
        "again         blocker  Found blocker.",
        "",
        "blocker: Found blocker. [code-blocker]",
        "    seen",
        "    Do this.",
        "",
        "Blocked: npm run up would write nothing.",
      ].join("\n"),
    );
  });

  it("does not call clean what could not be looked at yet", () => {
    assert.match(formatReports([report(check("pending"))]), /\nClean so far: /);
    assert.match(formatReports([report()]), /the stack is still to make it/);
    assert.match(formatReports([]), /^No zone of this stack is to be federated\.$/);
  });
});
