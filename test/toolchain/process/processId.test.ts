import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { isStopped } from "../../../toolchain/process/processId";
import { until } from "../../support/until";

describe("toolchain/process/processId", () => {
  it("tells whether all threads of a process stand still", async function () {
    if (process.platform !== "linux") return this.skip();
    // Node has several
    const child = spawn(process.execPath, ["--eval", "setInterval(() => {}, 10)"], { stdio: "ignore" });
    const pid = child.pid as number;
    try {
      assert.equal(isStopped(pid), false);
      process.kill(pid, "SIGSTOP");
      await until("it to stand still", () => isStopped(pid));
      process.kill(pid, "SIGCONT");
      await until("it to go on", () => !isStopped(pid));
    } finally {
      child.kill("SIGKILL");
    }
    await new Promise((resolve) => child.once("exit", resolve));
    assert.equal(isStopped(pid), true);
  });
});
