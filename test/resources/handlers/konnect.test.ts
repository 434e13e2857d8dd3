import assert from "node:assert/strict";
import type { Properties } from "../../../resources/provider/handler";
import { captureLog } from "../../support/captureLog";
import { cleanUp } from "../../support/cleanUp";
import { HandlerRun } from "../../support/pulumi/handlerRun";
import { RunningKonnect, startKonnect } from "../../support/controlPlane/standInKonnect";

describe("resources/handlers of a global in Konnect", () => {
  let konnect: RunningKonnect;
  let state: Map<string, Properties>;
  let told: string[];

  beforeEach(async () => {
    konnect = await startKonnect();
    state = new Map();
    told = captureLog().lines;
  });
  afterEach(cleanUp);

  const run = () => new HandlerRun(state);
  const connection = (): Properties => ({ ...konnect.addresses, region: "eu", token: konnect.token });
  const controlPlane = (more: Properties = {}) =>
    run().step("konnectControlPlane", {
      ...connection(),
      ...{ name: "g", create: true, provisioning: "systemAccount" },
      ...more,
    });
  const names = async () => (await konnect.client().controlPlanesNamed("g")).map(({ id }) => id);

  describe("konnectControlPlane", () => {
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

  describe("konnectZone", () => {
    let controlPlaneId: string;
    beforeEach(async () => {
      controlPlaneId = (await konnect.client().createControlPlane("g")).id;
    });
    const zone = (more: Properties = {}) =>
      run().step("konnectZone", {
        ...connection(),
        ...{ controlPlaneId, zoneName: "zone-1", provisioning: "systemAccount", tokenDays: 90 },
        ...more,
      });

    it("gives a zone an account and a token, and has nothing to do the next time", async () => {
      const { outs } = await zone();
      assert.match(outs.zoneToken as string, /^spat_/);
      assert.equal((await zone()).changed, false);
      assert.equal(state.get("konnectZone")?.zoneToken, outs.zoneToken);
    });

    it("gets a new token, and says why, where somebody has taken the account away", async () => {
      const { outs: first } = await zone();
      const { id } = first.account as { id: string };
      await konnect.client().deleteSystemAccount(id);
      const { outs, changed } = await zone();
      assert.equal(changed, true);
      assert.notEqual(outs.zoneToken, first.zoneToken);
      assert.match(told.join("\n"), /zone zone-1: to get a new token for Konnect, as /);
      assert.ok(!told.join("\n").includes("spat_"));
    });

    it("wants another account for another zone or control plane", async () => {
      await zone();
      const olds = state.get("konnectZone") as Properties;
      for (const name of ["controlPlaneId", "zoneName", "identityUrl"]) {
        const { replaces } = await run().diff("konnectZone", olds, { ...olds, [name]: "other" });
        assert.deepEqual(replaces, [name]);
      }
    });

    it("takes the account away", async () => {
      const { outs } = await zone();
      const { id } = outs.account as { id: string };
      await run().remove("konnectZone");
      assert.equal(await konnect.client().accessTokens(id), undefined);
    });
  });
});
