import assert from "node:assert/strict";
import * as fc from "fast-check";
import { KumaError, oneLine, printable } from "../../kuma";
import { formatTable } from "../../cli/terminal/table";

/** A terminal obeys these, or nobody sees them, or they turn the line around. */
const COMMANDS = [
  "\u001b[2J",
  "\u009b2J",
  "\r",
  "\b",
  "\u0007",
  "\u202e",
  "\u2066",
  "\u200b",
  "\ufeff",
  "\u2028",
  "\u00ad",
];

describe("kuma/printable", () => {
  for (const command of COMMANDS) {
    it(`escapes ${JSON.stringify(command)}`, () => {
      for (const escape of [oneLine, printable]) {
        const text = escape(`a${command}b`);
        assert.ok(!text.includes(command[0]), text);
        assert.match(text, /^a\\u[0-9a-f]{4}.*b$/);
      }
    });
  }

  it("leaves what people read as it is", () => {
    const text = "zone größe 日本: 10 of 20 “written” — done 🎉";
    assert.equal(oneLine(text), text);
    assert.equal(printable(`${text}\n\t${text}`), `${text}\n\t${text}`);
    assert.equal(oneLine("a\nb\tc"), "a\\u000ab\\u0009c");
  });

  it("leaves a JSON document what it was, whatever is in it", () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: "binary" }), (text) => {
        const shown = printable(text);
        assert.deepEqual(JSON.parse(shown), JSON.parse(text));
        assert.equal(printable(shown), shown);
      }),
    );
  });

  it("is done to every message of an error, and to every cell of a table", () => {
    for (const command of COMMANDS) {
      assert.ok(!new KumaError("invalid", `a${command}`).message.includes(command));
      assert.ok(!formatTable(["A"], [[command]]).includes(command));
    }
    assert.equal(formatTable(["A"], [["x\n::add-mask::y"]]).split("\n").length, 2);
  });
});
