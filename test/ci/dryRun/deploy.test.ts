import assert from "node:assert/strict";
import { ask, dialled, put } from "../../integration/support";
import { needsEngine } from "../../support/pulumi/engine";
import { PASSPHRASE, Stage } from "./stage";

const LATE = { type: "Secret", mesh: "default", name: "late", data: "bGF0ZQ==" };
const CARRIED = "meshes/default/health-checks/redis-health";

/** The steps of deploy.yml and drift.yml, one after the other, as a stack lives with them. */
describe("a dry run of deploy.yml and drift.yml", function () {
  needsEngine();
  this.timeout(600_000);
  let stage: Stage;
  let sha: string;

  before(async () => {
    stage = await Stage.open();
    sha = stage.base;
  });
  after(() => stage?.close());

  async function deploy(wanted: [plan: string, up: string], before = {}) {
    const { plan, up } = await stage.deploy(sha, before);
    const told = plan.log + up.log;
    assert.deepEqual([plan.result, up.result], wanted, told);
    assert.doesNotMatch(told + plan.summary, new RegExp(PASSPHRASE));
    return { plan, up };
  }

  async function drift() {
    const { refresh, render, issue } = await stage.drift(sha);
    const told = refresh.log + render.log + issue.log;
    assert.deepEqual([refresh.result, render.result, issue.result], ["success", "success", "success"], told);
    return stage.forge.issues.map(({ state, body }) => `${state} ${body.split("\n")[0]}`);
  }

  it("refuses a plan that no longer holds, and changes nothing", async () => {
    const change = () => put(`${stage.zoneUrl}/meshes/default/secrets/late`, LATE);
    const { plan, up } = await deploy(["success", "failure"], { up: change });
    assert.match(plan.summary, /^### 🔄 `shop`: \d+ resources to create/);
    assert.match(up.log, /^error: What up would do is not what the plan /m);
    assert.equal(await dialled(stage.zoneUrl), undefined);
  });

  it("does what was previewed, and compares both sides", async () => {
    const { up } = await deploy(["success", "success"]);
    assert.match(up.log, /^zone-1 +online .* equal +equal$/m);
    assert.notEqual(await dialled(stage.zoneUrl), undefined);
  });

  it("asks nobody where there is nothing to do", async () => {
    const { plan } = await deploy(["success", "skipped"]);
    assert.equal(plan.outputs.outcome, "same");
    assert.match(plan.summary, /^### ✅ `shop`: nothing to do/);
  });

  it("finds no drift then, and opens no issue", async () => {
    assert.deepEqual(await drift(), []);
  });

  it("has a plan hold where a look for drift, which found none, lies between", async () => {
    sha = stage.change({ onUndo: "removeFromGlobal" });
    await deploy(["success", "success"], { up: drift });
  });

  it("opens an issue on drift, keeps to it, and closes it once it is mended", async () => {
    assert.ok((await ask(`${stage.globalUrl}/${CARRIED}`, { method: "DELETE" })).ok);
    assert.deepEqual(await drift(), ["open ### 1 stack drifted"]);
    assert.deepEqual(await drift(), ["open ### 1 stack drifted"]);
    await deploy(["success", "success"]);
    assert.deepEqual(await drift(), ["closed ### Nothing has drifted"]);
  });

  it("tells a stack that cannot be looked at in the issue", async () => {
    sha = stage.repository.commit({ "Pulumi.shop.yaml": "config: [" });
    assert.deepEqual(await drift(), ["open ### 1 stack could not be looked at"]);
  });
});
