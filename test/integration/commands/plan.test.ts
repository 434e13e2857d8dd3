import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { needsEngine } from "../../support/pulumi/engine";
import { secretOf, secretsIn } from "../../support/secretSearch";
import { Sandbox, adminTokens, ask, dialled, oneZone, put } from "../support";

/** What the zone gets after its preview. */
const LATE = { type: "Secret", mesh: "default", name: "late", data: "bGF0ZQ==" };

/** The stack makes its global: the case in which the engine itself ends half-way. */
describe("an up that is held to the plan of a preview", function () {
  needsEngine();
  this.timeout(600_000);
  let sandbox: Sandbox;
  let config: Record<string, unknown>;
  let zoneUrl: string;
  let plan: string;

  before(async () => {
    sandbox = new Sandbox();
    ({ config, zoneUrl } = await oneZone());
    plan = path.join(sandbox.directory, "plan.json");
    sandbox.writeStack("test", config);
    sandbox.writeStack("other", config);
  });
  after(() => sandbox?.remove());

  const save = () => sandbox.run("preview", "--stack", "test", "--save-plan", plan);
  const up = (file = plan, stack = "test") => sandbox.run("up", "--stack", stack, "--plan", file);

  async function refused(words: RegExp, file = plan, stack = "test"): Promise<void> {
    const { status, output } = await up(file, stack);
    assert.equal(status, 2, output);
    const error = output.slice(output.indexOf("error: "));
    assert.match(error, words);
    assert.match(error, /Nothing was changed\./);
    assert.equal(await dialled(zoneUrl), undefined);
    assert.equal(error.trim().split("\n").length, 1, error);
  }

  it("saves none of a zone that ran for the preview alone", async () => {
    const { status, output } = await save();
    assert.equal(status, 2);
    assert.match(output, /error: No plan was saved: zone zone-1 ran for this preview alone/);
    assert.ok(!fs.existsSync(plan));
  });

  it("says at once that no plan can be written there", async () => {
    const nowhere = path.join(sandbox.directory, "nowhere", "plan.json");
    const { status, output } = await sandbox.run("preview", "--stack", "test", "--save-plan", nowhere);
    assert.equal(status, 2);
    assert.match(output, /The plan cannot be written into .* \(ENOENT\)\. Nothing was looked at\./);
  });

  it("saves one that others cannot read, with each secret encrypted", async () => {
    await sandbox.startZones();
    const { status, output } = await save();
    assert.equal(status, 0, output);
    assert.match(output, /The plan is in .*plan\.json: npm run up -- --stack test --plan /);
    assert.equal(fs.statSync(plan).mode & 0o777, 0o600);
    const [token] = adminTokens(zoneUrl);
    const secret = secretOf("the zone's token", token);
    assert.deepEqual(secretsIn(fs.readFileSync(plan), [secret]), []);
    assert.deepEqual(secretsIn(output, [secret]), []);
  });

  it("refuses a plan that is not as it was written", async () => {
    const text = fs.readFileSync(plan, "utf8");
    const changed = path.join(sandbox.directory, "changed.json");
    const file = JSON.parse(text) as { content: { plan: string; made: string; of: { commit: string } } };
    const with_ = (change: (content: typeof file.content) => object) =>
      JSON.stringify({ ...file, content: { ...file.content, ...change(file.content) } });
    for (const wrong of [
      "",
      "no json",
      "{}",
      text.slice(0, text.length / 2),
      with_(({ plan: engines }) => ({ plan: engines.replaceAll("create", "delete") })),
      with_(() => ({ made: "2020-01-01T00:00:00.000Z" })),
      with_(() => ({ seed: "v1:AAAA:AAAA" })),
    ]) {
      fs.writeFileSync(changed, wrong);
      await refused(/is not as npm run preview -- --save-plan of this version has written it/, changed);
    }
    await refused(/cannot be read \(ENOENT\)/, path.join(sandbox.directory, "none.json"));
  });

  it("refuses a plan of another stack, and of other settings", async () => {
    await refused(/is one of stack test, and not of stack other\./, plan, "other");
    sandbox.writeStack("test", { ...config, onUndo: "removeFromGlobal" });
    await refused(/was made before the file of stack test was changed\./);
    sandbox.writeStack("test", config);
  });

  it("refuses it where a zone has changed since, before anything is done", async () => {
    assert.ok((await put(`${zoneUrl}/meshes/default/secrets/late`, LATE)) < 300);
    await refused(
      /What up would do is not what the plan .* has: zone-1-global-way-back \(brought\) has changed/,
    );
    await ask(`${zoneUrl}/meshes/default/secrets/late`, { method: "DELETE" });
  });

  it("does what it has, and no second time", async () => {
    const { status, output } = await up();
    assert.equal(status, 0, output);
    assert.match(output, /created {2}zone-1-federation/);
    assert.notEqual(await dialled(zoneUrl), undefined);
    const again = await up();
    assert.equal(again.status, 2);
    assert.match(again.output, /was made before the state of stack test was changed, as an up/);
  });

  it("holds where there is nothing to do, and tells the report of the preview apart from its plan", async () => {
    const { status, stdout, output } = await sandbox.run(
      ...(["preview", "--stack", "test", "--output", "json", "--save-plan", plan] as const),
    );
    assert.equal(status, 0, output);
    assert.equal((JSON.parse(stdout) as { outcome: string }).outcome, "same");
    const held = await up();
    assert.equal(held.status, 0, held.output);
    assert.match(held.output, /nothing to do: everything is as it should be/);
  });
});
