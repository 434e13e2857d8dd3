import * as assert from "node:assert/strict";
import { changesBetween } from "../../../cli/status/watch";
import { Redrawn } from "../../../cli/terminal/redraw";
import { broken, healthy } from "./sampleReports";

const AT = "2026-11-27 12:00:00 UTC  ";

describe("cli/status/watch", () => {
  it("tells all of the first look, and of the next ones what is other than before", () => {
    const first = changesBetween(undefined, broken());
    assert.equal(first[0], `${AT}Unhealthy: 3 problems, 2 warnings, 3 of 4 zones online, 1 disabled`);
    assert.equal(first.length, 6);
    assert.deepEqual(changesBetween(broken(), broken()), []);
    const better = broken({ problems: broken().problems.slice(1) });
    assert.deepEqual(changesBetween(broken(), better), [
      `${AT}Unhealthy: 2 problems, 2 warnings, 3 of 4 zones online, 1 disabled`,
      `${AT}Over: Zone dublin is offline.`,
    ]);
    assert.deepEqual(changesBetween(healthy(), healthy({ warnings: ["Mind this."] })), [
      `${AT}Healthy: 1 warning, 3 of 3 zones online`,
      `${AT}Warning: Mind this.`,
    ]);
  });
});

describe("cli/terminal/redraw", () => {
  const drawn = (columns: number, rows: number, ...texts: string[]) => {
    const written: string[] = [];
    const screen = new Redrawn({ columns, rows, write: (text: string) => written.push(text) > 0 });
    texts.forEach((text) => screen.draw(text));
    screen.end();
    screen.end();
    return written;
  };

  it("draws in place, and leaves the last text behind", () => {
    assert.deepEqual(drawn(80, 24, "one\ntwo", "three"), [
      "\x1b[?1049h\x1b[?25l",
      "\x1b[Hone\x1b[K\ntwo\x1b[K\x1b[J",
      "\x1b[Hthree\x1b[K\x1b[J",
      "\x1b[?25h\x1b[?1049lthree\n",
    ]);
  });

  it("folds long lines, and says how many do not fit", () => {
    const [, first] = drawn(20, 3, "a sentence that is longer than the terminal is wide\nsecond\nthird");
    assert.equal(
      first,
      "\x1b[Ha sentence that is\x1b[K\n    longer than the\x1b[K\n… 3 more lines; a larger terminal shows them\x1b[K\x1b[J",
    );
  });

  it("gives the terminal no command that others have written", () => {
    assert.ok(drawn(80, 24, "zone \x1b[2Jx").every((text) => !text.includes("\x1b[2J")));
  });
});
