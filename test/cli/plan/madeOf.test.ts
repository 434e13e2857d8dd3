import * as assert from "node:assert/strict";
import { differenceOf } from "../../../cli/plan/madeOf";

const MADE = { stack: "dev", commit: "0123456789abcdef", code: "a", settings: "b", state: "c" };

describe("cli/plan/madeOf", () => {
  it("tells what a plan was made of that is another one now", () => {
    assert.equal(differenceOf(MADE, { ...MADE }), undefined);
    const cases: [Partial<typeof MADE>, RegExp][] = [
      [{ stack: "prod" }, /is one of stack dev, and not of stack prod/],
      [{ commit: "fedcba9876543210" }, /was made of commit 0123456789ab, and this is commit fedcba987654/],
      [{ code: "z" }, /was made by another version of this program, or with changes to its code/],
      [{ settings: "z" }, /before the file of stack dev was changed/],
      [{ state: "z" }, /before the state of stack dev was changed/],
    ];
    for (const [now, told] of cases) assert.match(differenceOf(MADE, { ...MADE, ...now }) ?? "", told);
  });
});
