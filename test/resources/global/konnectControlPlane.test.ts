import assert from "node:assert/strict";
import type { Properties } from "../../../resources/provider/handler";
import { captureLog } from "../../support/captureLog";
import { cleanUp } from "../../support/cleanUp";
import { RunningKonnect, startKonnect } from "../../support/controlPlane/standInKonnect";
import { HandlerRun } from "../../support/pulumi/handlerRun";

describe("resources/global/konnectControlPlane", () => {
  let konnect: RunningKonnect;
  let state: Map<string, Properties>;

  beforeEach(async () => {
    konnect = await startKonnect();
    state = new Map();
    captureLog();
  });
  afterEach(cleanUp);

  const run = () => new HandlerRun(state);
  const controlPlane = (more: Properties = {}) =>
    run().step("konnectControlPlane", {
      ...{ ...konnect.addresses, region: "eu", token: konnect.token },
      ...{ name: "g", create: true, provisioning: "systemAccount" },
      ...more,
    });
  const names = async () => (await konnect.client().controlPlanesNamed("g")).map(({ id }) => id);

  it("makes one where there is none, finds it the next time, and takes down what it has made", async () => {
    const { outs } = await controlPlane();
    assert.deepEqual([outs.created, await names()], [true, [outs.controlPlaneId]]);
    assert.equal((await controlPlane()).changed, false);
    await run().remove("konnectControlPlane");
    assert.deepEqual(await names(), []);
  });

  it("uses one that is there, and leaves it there", async () => {
    const { id } = await konnect.client().createControlPlane("g");
    const { outs } = await controlPlane({ create: false });
    assert.deepEqual([outs.controlPlaneId, outs.created], [id, false]);
    assert.match(outs.hostedUrl as string, new RegExp(`/mesh/control-planes/${id}/api$`));
    await run().remove("konnectControlPlane");
    assert.deepEqual(await names(), [id]);
  });

  it("makes nothing that is not asked for, and keeps nothing of a run that failed", async () => {
    await assert.rejects(controlPlane({ create: false }), /There is no mesh control plane called "g"/);
    assert.deepEqual([await names(), state.size], [[], 0]);
  });

  it("makes another one where somebody has deleted its own", async () => {
    const { outs: first } = await controlPlane();
    await konnect.client().deleteControlPlane(first.controlPlaneId as string);
    const { outs, changed } = await controlPlane();
    assert.deepEqual([changed, outs.created], [true, true]);
    assert.notEqual(outs.controlPlaneId, first.controlPlaneId);
  });

  it("refuses a token that may make no accounts, before it makes a control plane", async () => {
    const token = await konnect.tokenWith(["Creator"], { identityAdmin: false });
    await assert.rejects(controlPlane({ token }), /role|denied|Identity/i);
    assert.deepEqual(await names(), []);
  });
});
