import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { needsEngine } from "../../support/pulumi/engine";
import { Sandbox, oneZone } from "../support";

interface State {
  checkpoint: { latest: { resources: { urn: string; delete?: boolean }[] } };
}

/** A replacement that was cut short leaves a deletion to the next `up`. The engine's own preview does not show it. */
describe("a deletion that an earlier run has left", function () {
  needsEngine();
  this.timeout(600_000);
  const sandbox = new Sandbox();
  after(() => sandbox.remove());

  /** As the engine leaves a resource that it has replaced and has not deleted yet. What is deleted here keeps what is on the global. */
  function leave(name: string): void {
    const file = path.join(sandbox.state, "backend/.pulumi/stacks/kuma-federation/test.json");
    const state = JSON.parse(fs.readFileSync(file, "utf8")) as State;
    const { resources } = state.checkpoint.latest;
    const replaced = resources.find(({ urn }) => urn.endsWith(`::${name}`));
    assert.ok(replaced);
    resources.push({ ...replaced, delete: true });
    fs.writeFileSync(file, JSON.stringify(state));
  }

  it("is shown by the preview, in its comment, and by the up that does it", async () => {
    const { config } = await oneZone();
    sandbox.writeStack("test", config);
    const run = async (command: string, ...args: string[]) => {
      const { status, output, stdout } = await sandbox.run(command, "--stack", "test", ...args);
      assert.equal(status, 0, output);
      return { output, stdout };
    };
    await run("up");
    leave("zone-1-global-way-back");

    const { output } = await run("preview");
    assert.match(output, /^ {2}delete {3}zone-1-global-way-back$/m);
    assert.doesNotMatch(output, /nothing to do/);
    const report = path.join(sandbox.directory, "report.json");
    fs.writeFileSync(report, (await run("preview", "--output", "json")).stdout);
    const { status, stdout } = await sandbox.run("pr-comment", report);
    assert.equal(status, 0);
    assert.match(stdout, /^### 🔄 `test`: 1 resource to delete\n/);

    assert.match((await run("up")).output, /^ {2}deleted {2}zone-1-global-way-back /m);
    assert.match((await run("preview")).output, /nothing to do/);

    leave("zone-1-global-way-back");
    const plan = path.join(sandbox.directory, "plan.json");
    await run("preview", "--save-plan", plan);
    assert.match((await run("up", "--plan", plan)).output, /^ {2}deleted {2}zone-1-global-way-back /m);
    await run("destroy");
  });
});
