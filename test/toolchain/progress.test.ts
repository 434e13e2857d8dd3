import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { startProgress } from "../../toolchain/progress";
import { until } from "../support/until";

describe("toolchain: progress", () => {
  it("writes a line now and then where there is no terminal", async () => {
    const lines: string[] = [];
    const progress = startProgress("Building", { log: (line) => lines.push(line), lineEveryMs: 20 });
    progress.update("7 packages");
    await until("two lines", () => lines.length >= 2);
    progress.stop();
    const shown = lines.length;
    assert.match(lines[0], /^Building: 7 packages, \d+ s$/);
    await sleep(40);
    assert.equal(lines.length, shown);
  });

  it("redraws one line on a terminal, cut to its width, and clears it", async () => {
    let written = "";
    const terminal = { isTTY: true, columns: 20, write: (text: string) => (written += text) };
    const progress = startProgress("Building", { log: assert.fail, terminal });
    progress.update("a long story about packages");
    await until("a line", () => written);
    progress.stop();
    assert.match(written, /^(\r\x1b\[KBuilding: a long st)+\r\x1b\[K$/);
  });
});
