import * as assert from "node:assert/strict";
import { formatTable } from "../../../cli/terminal/table";

describe("cli/terminal/table", () => {
  it("makes columns as wide as their longest cell, with no blanks at the end", () => {
    const rows = [
      ["a", "1", ""],
      ["long name", "22", "x"],
    ];
    assert.equal(
      formatTable(["NAME", "N", "LAST"], rows),
      ["NAME       N   LAST", "a          1", "long name  22  x"].join("\n"),
    );
  });

  it("is the header alone without rows", () => {
    assert.equal(formatTable(["A", "BC"], []), "A  BC");
  });
});
