import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { startProgress } from "../../toolchain/progress";

describe("toolchain: progress", () => {
  it("writes a line now and then where there is no terminal", async () => {
    const lines: string[] = [];
    const progress = startProgress("Building", { log: (line) => lines.push(line), lineEveryMs: 20 });
    progress.update("7 packages");
    await sleep(70);
    progress.stop();
    const shown = lines.length;
    assert.ok(shown >= 1 && shown <= 3, `${shown} lines`);
    assert.equal(lines[0], "Building: 7 packages, 0 s");
    await sleep(40);
    assert.equal(lines.length, shown);
  });

  it("redraws one line on a terminal, cut to its width, and clears it", async () => {
    let written = "";
    const terminal = { isTTY: true, columns: 20, write: (text: string) => (written += text) };
    const progress = startProgress("Building", { log: assert.fail, terminal });
    progress.update("a long story about packages");
    await sleep(600);
    progress.stop();
    assert.equal(written, "\r\x1b[KBuilding: a long st\r\x1b[K");
  });
});
