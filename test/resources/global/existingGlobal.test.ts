import assert from "node:assert/strict";
import type { Properties } from "../../../resources/provider/handler";
import { cleanUp, setEnvironment, withoutPauses } from "../../support/cleanUp";
import { FakeControlPlane, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { HandlerRun } from "../../support/pulumi/handlerRun";

describe("resources/existingGlobal", () => {
  let state: Map<string, Properties>;
  beforeEach(() => (state = new Map()));
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

  const step = (global: FakeControlPlane, more: Properties = {}) =>
    new HandlerRun(state).step("existingGlobal", { global: { url: global.url }, ...more });

  it("tells product and version, and follows an upgrade that its owner made", async () => {
    const before = await FakeControlPlane.start({ product: "Kuma", version: "2.13.1" });
    const { outs } = await step(before);
    assert.deepEqual([outs.product, outs.version], ["Kuma", "2.13.1"]);
    assert.equal((await step(before)).changed, false);

    const after = await FakeControlPlane.start({ product: "Kuma", version: "2.14.3" });
    const next = await step(after);
    assert.deepEqual([next.changed, next.outs.version], [true, "2.14.3"]);
  });

  it("refuses a version that this program does not serve", async () => {
    await assert.rejects(step(await FakeControlPlane.start({ version: "1.8.1" })), /1\.8\.1/);
    assert.equal(state.size, 0);
  });

  it("says who does not answer", async () => {
    const global = await FakeControlPlane.start();
    await global.stop();
    withoutPauses();
    await assert.rejects(
      step(global),
      /^Error: The global control plane at http:\S+ cannot be reached: connection refused/,
    );
  });

  it("asks nobody in a preflight, whose checks tell it", async () => {
    const global = await FakeControlPlane.start();
    setEnvironment("KUMA_FEDERATION_PREFLIGHT", "true");
    await step(global);
    assert.deepEqual(global.requests, []);
  });

  it("changes nothing when it is taken away", async () => {
    const global = await FakeControlPlane.start();
    await step(global);
    global.requests.length = 0;
    await new HandlerRun(state).remove("existingGlobal");
    assert.deepEqual(global.requests, []);
  });
});
