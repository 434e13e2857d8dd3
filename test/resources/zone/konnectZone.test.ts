import assert from "node:assert/strict";
import type { Properties } from "../../../resources/provider/handler";
import { captureLog } from "../../support/captureLog";
import { cleanUp } from "../../support/cleanUp";
import { RunningKonnect, startKonnect } from "../../support/controlPlane/standInKonnect";
import { HandlerRun } from "../../support/pulumi/handlerRun";

describe("resources/zone/konnectZone", () => {
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
