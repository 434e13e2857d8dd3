import assert from "node:assert/strict";
import { FORGES } from "../../../cli/comment/forge";
import { CLOSED, OPEN, renderIssue } from "../../../cli/drift/issue";
import { type DriftReport, failedDrift } from "../../../cli/drift/report";

const report = (stack: string, drift: Partial<DriftReport["drift"][number]>[] = []): DriftReport => ({
  ...{ version: 1, stack, error: null },
  outcome: drift.some(({ accepted }) => !accepted) ? "drift" : "same",
  drift: drift.map((each) => ({
    ...{ key: "MeshTimeout default/a", kind: "changed", own: false, accepted: false },
    ...each,
  })),
});

describe("the text of an issue on drift", () => {
  it("says what has drifted in which stack, and who wrote it", () => {
    const text = renderIssue(
      [
        report("prod", [{}, { own: true, kind: "missing" }, { key: "MeshRetry default/b", accepted: true }]),
        report("dev"),
      ],
      "github",
    );
    assert.match(text, /^### 1 stack drifted\n/);
    assert.match(text, /\| `MeshTimeout default\/a` \| changed \| a zone \|/);
    assert.match(text, /\| missing \| the stack \|/);
    assert.match(text, /2 resources on the global are not/);
    assert.doesNotMatch(text, /MeshRetry/);
    assert.match(text, /As it was left: `dev`/);
    assert.ok(text.endsWith(OPEN));
  });

  it("is closed where nothing has", () => {
    const text = renderIssue([report("dev"), { ...report("new"), outcome: "nothing" }], "github");
    assert.match(text, /^### Nothing has drifted\n/);
    assert.ok(text.endsWith(CLOSED));
  });

  it("tells of a stack that could not be looked at", () => {
    const text = renderIssue([failedDrift("prod", "It is away.\n```\n<!-- x -->")], "gitlab");
    assert.match(text, /^### 1 stack could not be looked at/);
    assert.ok(text.includes("```\nIt is away.\n\\u0060\\u0060\\u0060\n<!-- x -->\n```"), text);
  });

  it("is not broken out of, and keeps to what a forge takes", () => {
    const wild = { key: "MeshTimeout `a` | @all <!-- b -->\n# c" };
    assert.doesNotMatch(renderIssue([report("prod", [wild])], "github"), /^# c|\| @all/m);
    const many = renderIssue(
      [
        report(
          "prod",
          Array.from({ length: 5_000 }, () => wild),
        ),
      ],
      "github",
    );
    assert.ok(Buffer.byteLength(many) <= FORGES.github.limit);
    assert.match(many, /… and \d+ more/);
    assert.ok(many.endsWith(OPEN));
  });
});
