import assert from "node:assert/strict";
import { Stack } from "@pulumi/pulumi/automation";
import { exportDeployment } from "../../../cli/stack/deployment";
import type { EngineStack } from "../../../cli/stack/engineStack";
import { outputsOf } from "../../../cli/stack/standing/standing";
import { openWithEngine } from "../../../cli/stack/workspace";
import { needsEngine } from "../../support/pulumi/engine";
import { ROOT, Sandbox, dialled, oneZone } from "../support";

/** What `pulumi preview` and `pulumi up` do: the engine and the program, without the commands of this project around. */
describe("the program by itself", function () {
  needsEngine();
  // the program runs in this process, where opening a stack sets variables for the engine
  const saved = { ...process.env };
  let sandbox: Sandbox;
  let opened: EngineStack;
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
    opened = await openWithEngine(ROOT, "test");
    stack = await opened.operations();
  });

  after(async () => {
    await sandbox?.remove();
    for (const name of Object.keys(process.env)) if (!(name in saved)) delete process.env[name];
    Object.assign(process.env, saved);
  });

  it("previews a zone that it is yet to start, without starting it", async () => {
    const { stdout } = await stack.preview();
    assert.match(stdout, /zone zone-1 is not running yet; its resources are listed once it is/);
    await assert.rejects(fetch(zoneUrl));
  });

  it("starts and federates it in one run, and gives the stack's outputs", async () => {
    await stack.up();
    // without those that are secret
    const outputs = outputsOf(await exportDeployment(opened));
    const { kdsAddress, zones, federatedResources, guiUrl } = outputs;
    const global = outputs.global as { version: string; address: string };
    assert.equal(await dialled(zoneUrl), kdsAddress);
    assert.deepEqual(zones, [
      { name: "zone-1", mode: "federated", online: true, version: global.version, address: zoneUrl },
    ]);
    assert.deepEqual(federatedResources, {
      GlobalSecret: 3,
      HealthCheck: 1,
      Mesh: 1,
      Secret: 4,
      Timeout: 1,
    });
    assert.equal(guiUrl, `${global.address}/gui`);
  });
});
