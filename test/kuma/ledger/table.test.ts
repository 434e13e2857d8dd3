import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { RULES, rulesInMarkdown } from "../../../kuma/ledger";

describe("kuma/ledger: the table", () => {
  it("has one code for each rule, a sentence and a source", () => {
    const codes = RULES.map(({ code }) => code);
    assert.equal(new Set(codes).size, codes.length);
    for (const { code, reason, source, occasions } of RULES) {
      assert.match(code, /^[a-z-]+$/);
      assert.match(reason, /^[A-Za-z].*\.$/s, code);
      assert.ok(source.length > 0 && occasions.length > 0, code);
    }
  });
});
describe("docs/ledger.md", () => {
  it("has the rules as they are", () => {
    const text = fs.readFileSync(path.resolve(__dirname, "../../../docs/ledger.md"), "utf8");
    assert.equal(text.split("\n## The rules\n\n")[1], `${rulesInMarkdown()}\n`);
  });
});
