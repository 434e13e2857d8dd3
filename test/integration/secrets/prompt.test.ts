import assert from "node:assert/strict";
import { ChildProcess, spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { needsEngine } from "../../support/pulumi/engine";
import { until } from "../../support/until";
import { ROOT, Sandbox, oneZone } from "../support";

/** `script` of util-linux gives a program a terminal of its own. */
function hasScript(): boolean {
  return spawnSync("script", ["--version"], { encoding: "utf8" }).stdout?.includes("util-linux") ?? false;
}

const CANARY = "canary-typed-value";

describe("npm run secret on a terminal (skipped without script(1) of util-linux)", function () {
  needsEngine();
  before(function () {
    if (!hasScript()) this.skip();
  });
  const sandbox = new Sandbox();
  after(() => sandbox.remove());

  /** What the terminal shows, also what is typed where a program does not hide it. */
  function onTerminal(): { child: ChildProcess; shown: () => string; done: Promise<number | null> } {
    const command = `'${process.execPath}' --require ./toolchain/typescript.js cli/main.ts secret --stack test set globalToken`;
    const child = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
      cwd: ROOT,
      stdio: ["pipe", "pipe", "inherit"],
      env: {
        ...process.env,
        KUMA_FEDERATION_STATE: sandbox.state,
        KUMA_FEDERATION_STACKS: sandbox.directory,
      },
    });
    let text = "";
    child.stdout?.on("data", (chunk) => (text += chunk));
    const done = new Promise<number | null>((resolve) => child.once("close", resolve));
    return { child, shown: () => text, done };
  }
  async function asked() {
    const terminal = onTerminal();
    await until("the question", () => terminal.shown().includes("Value of globalToken (not shown): "));
    return terminal;
  }

  it("asks for the value, does not show it, and puts it encrypted into the file", async () => {
    sandbox.writeStack("test", (await oneZone()).config);
    const file = path.join(sandbox.directory, "Pulumi.test.yaml");
    const { child, shown, done } = await asked();
    child.stdin?.write(`${CANARY}\r`);
    assert.equal(await done, 0, shown());
    assert.match(shown(), /globalToken of stack test is set, encrypted, in /);
    assert.doesNotMatch(shown(), /canary/);
    const text = fs.readFileSync(file, "utf8");
    assert.match(text, /^ {2}kuma-federation:globalToken:\n {4}secure: v1:/m);
    assert.doesNotMatch(text, /canary/);
  });

  for (const [what, typed, message] of [
    ["Ctrl-C", `${CANARY}\x03`, /Nothing was changed\./],
    ["an empty line", "\r", /No value was given for globalToken\. Nothing was changed\./],
    ["the end of what is typed", "\x04", /No value was given for globalToken\. Nothing was changed\./],
  ] as const) {
    it(`changes nothing after ${what}`, async () => {
      const file = path.join(sandbox.directory, "Pulumi.test.yaml");
      const before = fs.readFileSync(file, "utf8");
      const { child, shown, done } = await asked();
      child.stdin?.write(typed);
      assert.equal(await done, 2, shown());
      assert.match(shown(), message);
      assert.doesNotMatch(shown(), /canary| at .*:\d+:\d+/);
      assert.equal(fs.readFileSync(file, "utf8"), before);
    });
  }
});
