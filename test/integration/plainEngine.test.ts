import assert from "node:assert/strict";
import { Stack } from "@pulumi/pulumi/automation";
import { openWithEngine } from "../../cli/stack/workspace";
import { needsEngine } from "../support/engine";
import { ROOT, Sandbox, dialled, oneZone } from "./support";

/** What `pulumi preview` and `pulumi up` do: the engine and the program, without the commands of this project around. */
describe("the program by itself", function () {
  needsEngine();
  // the program runs in this process, where opening a stack sets variables for the engine
  const saved = { ...process.env };
  let sandbox: Sandbox;
  let stack: Stack;
  let zoneUrl: string;

  before(async () => {
    sandbox = new Sandbox();
    const { config, ...urls } = await oneZone();
    ({ zoneUrl } = urls);
    sandbox.writeStack("test", config);
    process.env.KUMA_FEDERATION_STATE = sandbox.state;
    process.env.KUMA_FEDERATION_STACKS = sandbox.directory;
    delete process.env.KUMA_CP;
    stack = await openWithEngine(ROOT, "test");
  });

  after(async () => {
    await sandbox?.remove();
    for (const name of Object.keys(process.env)) if (!(name in saved)) delete process.env[name];
    Object.assign(process.env, saved);
  });

  it("previews a zone that it is yet to start, without starting it", async () => {
    const { stdout } = await stack.preview();
    assert.match(stdout, /zone zone-1 does not run yet: what it hands over shows once it does/);
    await assert.rejects(fetch(zoneUrl));
  });

  it("starts and federates it in one run, and gives the stack's outputs", async () => {
    const { outputs } = await stack.up();
    const { kdsAddress, zones, federatedResources, guiUrl, global } = outputs;
    assert.equal(await dialled(zoneUrl), kdsAddress.value);
    assert.deepEqual(zones.value, [
      { name: "zone-1", mode: "federated", online: true, version: global.value.version, address: zoneUrl },
    ]);
    assert.deepEqual(federatedResources.value, {
      GlobalSecret: 3,
      HealthCheck: 1,
      Mesh: 1,
      Secret: 4,
      Timeout: 1,
    });
    assert.equal(guiUrl.value, `${global.value.address}/gui`);
    assert.deepEqual([kdsAddress.secret, zones.secret], [false, false]);
  });
});
