import assert from "node:assert/strict";
import { Resource, manifestOf } from "../../../kuma";
import type { Properties } from "../../../resources/provider/handler";
import { GLOBAL_GOES_VARIABLE, ON_UNDO_VARIABLE } from "../../../resources/options/undoMode";
import { captureLog } from "../../support/captureLog";
import { cleanUp, setEnvironment, withoutPauses } from "../../support/cleanUp";
import { FakeControlPlane, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { HandlerRun, check } from "../../support/pulumi/handlerRun";

const KDS = "grpcs://global.example:5685";
const license: Resource = { type: "GlobalSecret", name: "license", data: "eA==" };

describe("resources/globalWayBack", () => {
  let zone: FakeControlPlane;
  let global: FakeControlPlane;
  let state: Map<string, Properties>;
  let told: string[];

  beforeEach(async () => {
    // it has joined, so that nothing is planned
    const multizone = { zone: { name: "zone-1", globalAddress: KDS } };
    zone = await FakeControlPlane.start({ config: { mode: "zone", environment: "universal", multizone } });
    global = await FakeControlPlane.start({ resources: [license] });
    const brought = { added: manifestOf([license]), zonesBefore: {} };
    state = new Map([["globalWayBack", { ...inputs(), brought }]]);
    told = captureLog().lines;
  });
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

  const inputs = (more: Properties = {}): Properties => ({
    zoneName: "zone-1",
    zone: { url: zone.url },
    zoneStarted: "yes",
    global: { url: global.url, tokens: ["canary-first"] },
    globalVersion: "2.14.3",
    kdsAddress: KDS,
    kdsCa: "",
    onConflict: "fail",
    onUndo: "keepOnGlobal",
    ...more,
  });
  const step = (more?: Properties) => new HandlerRun(state).step("globalWayBack", inputs(more));
  const remove = () => new HandlerRun(state).remove("globalWayBack");

  it("keeps the record, and has nothing to do where nothing has changed", async () => {
    const { changed, outs } = await step();
    assert.equal(changed, false);
    assert.deepEqual((outs.brought as { added: object }).added, manifestOf([license]));
  });

  it("keeps of zones that join later where they were, and not how they are reached", async () => {
    const place = { zoneName: "zone-2", zone: { url: "http://127.0.0.1:6781" }, zoneStarted: "yes" };
    const follower = { ...place, zone: { ...place.zone, tokens: [["canary"]] }, handsOver: true };
    const kept = await check("globalWayBack", {}, inputs({ followers: [follower] }));
    assert.deepEqual((kept as Properties).followers, [place]);
  });

  it("follows a token that was replaced, as the way back needs it", async () => {
    const toGlobal = { url: global.url, tokens: ["canary-second"] };
    const { changed, outs } = await step({ global: toGlobal });
    assert.deepEqual([changed, outs.global], [true, toGlobal]);
  });

  it("begins a record anew for another global, and says that what it brought to the former one stays", async () => {
    const other = await FakeControlPlane.start();
    const { outs } = await step({ global: { url: other.url }, onUndo: "removeFromGlobal" });
    assert.ok(!("brought" in outs));
    assert.deepEqual(told, ["zone zone-1: what it brought to its former global stays there"]);
    await remove();
    assert.deepEqual([...global.requests, ...other.requests], []);
  });

  it("leaves everything where the stack does not ask for more, and asks nobody", async () => {
    await remove();
    assert.deepEqual(told, ["zone zone-1: the 1 resources that it brought stay on the global"]);
    assert.deepEqual(global.requests, []);
  });

  it("says nothing of staying on a global that goes in the same run, and asks nobody", async () => {
    process.env[GLOBAL_GOES_VARIABLE] = "true";
    try {
      await remove();
    } finally {
      delete process.env[GLOBAL_GOES_VARIABLE];
    }
    assert.deepEqual(told, [
      "zone zone-1: the 1 resources that it brought go with the global, which the stack made",
    ]);
    assert.deepEqual(global.requests, []);
  });

  for (const [variable, onUndo, isGone] of [
    ["removeFromGlobal", "keepOnGlobal", true],
    ["keepOnGlobal", "removeFromGlobal", false],
    ["keep", "keepOnGlobal", false],
    ["", "keepOnGlobal", false],
    ["", "removeFromGlobal", true],
  ] as const) {
    it(`${isGone ? "removes" : "leaves"} it where the stack's file says "${variable}" and the state ${onUndo}`, async () => {
      setEnvironment(ON_UNDO_VARIABLE, variable);
      await step({ onUndo });
      await remove();
      assert.equal(global.store.has("GlobalSecret license"), !isGone);
    });
  }

  it("needs no zone for that", async () => {
    await step({ onUndo: "removeFromGlobal" });
    await zone.stop();
    withoutPauses();
    await remove();
    assert.deepEqual([...global.store.keys()], []);
    assert.deepEqual(told, ["zone zone-1: 1 resource that it brought, taken off the global"]);
  });

  it("offers the zone's admin token, which the global accepts by then", async () => {
    await step({ onUndo: "removeFromGlobal" });
    const data = Buffer.from("canary-of-zone").toString("base64");
    zone.add({ type: "GlobalSecret", name: "admin-user-token", data });
    global.fail(
      ({ headers }) => headers.authorization !== "Bearer canary-of-zone",
      { status: 401, body: "{}" },
      99,
    );
    await remove();
    assert.deepEqual([...global.store.keys()], []);
  });

  it("says what was not done, and what to do, when the global refuses it", async () => {
    await step({ onUndo: "removeFromGlobal" });
    global.fail("GET /", { status: 401, body: "{}" }, 99);
    await assert.rejects(remove(), ({ message }: Error) => {
      assert.match(
        message,
        /^What zone zone-1 brought to its global was not taken off it, or not all of it: .* does not accept the token .* set onUndo to keepOnGlobal to leave it there\.$/,
      );
      assert.doesNotMatch(message, /canary/);
      return true;
    });
    assert.ok(state.has("globalWayBack"), "it is tried again");
  });
});
