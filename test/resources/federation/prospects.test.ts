import assert from "node:assert/strict";
import { Resource, meshForGlobal } from "../../../kuma";
import type { Properties } from "../../../resources/provider/handler";
import { captureLog } from "../../support/captureLog";
import { cleanUp, withoutPauses } from "../../support/cleanUp";
import { FakeControlPlane, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { HandlerRun } from "../../support/pulumi/handlerRun";

const KDS = "grpcs://global.example:5685";
const MESH: Resource = { type: "Mesh", name: "default" };
const route = (name: string, a: number): Resource => ({
  ...{ type: "TrafficRoute", mesh: "default", name },
  conf: { a },
});
const secret = (data: string): Resource => ({ type: "Secret", mesh: "default", name: "api-key", data });
const timeout: Resource = {
  ...{ type: "MeshTimeout", mesh: "default", name: "own", spec: {} },
  labels: { "kuma.io/origin": "zone" },
};

/** Zones of one stack, asked as the engine asks: by the first one's record, before anything is written. */
describe("zones of a stack before any of them joins", () => {
  let global: FakeControlPlane;
  const zones: FakeControlPlane[] = [];
  let told: string[];
  let run: HandlerRun;

  beforeEach(async () => {
    run = new HandlerRun(new Map());
    global = await FakeControlPlane.start({ clusterId: "global" });
    zones.length = 0;
    told = captureLog().lines;
  });
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

  const nameOf = (index: number) => `zone-${index + 1}`;
  async function addZone(resources: Resource[], globalAddress = ""): Promise<void> {
    const name = nameOf(zones.length);
    zones.push(
      await FakeControlPlane.start({
        clusterId: name,
        config: {
          ...{ mode: "zone", environment: "universal", store: { type: "file" } },
          multizone: { zone: { name, globalAddress } },
        },
        resources: [MESH, secret(Buffer.from("canary-same").toString("base64")), timeout, ...resources],
      }),
    );
  }
  const side = (index: number): Properties => ({
    zoneName: nameOf(index),
    zone: { url: zones[index].url },
    zoneStarted: "yes",
    zoneRunsHere: false,
  });
  const inputs = (index: number, more: Properties = {}): Properties => ({
    ...side(index),
    ...{ global: { url: global.url }, globalVersion: "2.14.3", kdsAddress: KDS, kdsCa: "" },
    ...{ onConflict: "fail", onUndo: "keepOnGlobal" },
    followers: zones.map((_, each) => side(each)).slice(index + 1),
    ...more,
  });
  /** What the check of a zone's record says stands against the run; nothing where it is fine. */
  async function refusal(index = 0, more: Properties = {}): Promise<string> {
    const reasons = await run.refusals("globalWayBack", inputs(index, more));
    const writes = [global, ...zones].flatMap(({ requests }) =>
      requests.filter(({ method }) => method !== "GET"),
    );
    assert.deepEqual(writes, []);
    return reasons.join("\n");
  }
  const lines = (text: string) =>
    text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => /^(TrafficRoute|Secret|Mesh) /.test(line));

  it("names every conflict of every zone with every other one, and with the global, at once", async () => {
    global.add(meshForGlobal(MESH), route("global", 0));
    await addZone([route("one", 1), route("global", 1)]);
    await addZone([route("one", 2), route("two", 2)]);
    await addZone([route("one", 3), route("two", 3), route("global", 3)]);
    const text = await refusal();
    assert.deepEqual(lines(text), [
      "TrafficRoute default/global: differs in conf.a (zone 1, global 0)",
      "TrafficRoute default/one: differs in conf.a (zone zone-2 2, zone zone-1 1)",
      "TrafficRoute default/one: differs in conf.a (zone zone-3 3, zone zone-1 1)",
      "TrafficRoute default/one: differs in conf.a (zone zone-3 3, zone zone-2 2)",
      "TrafficRoute default/two: differs in conf.a (zone zone-3 3, zone zone-2 2)",
      "TrafficRoute default/global: differs in conf.a (zone 3, global 0)",
      "TrafficRoute default/global: differs in conf.a (zone zone-3 3, zone zone-1 1)",
    ]);
    for (const index of [0, 1, 2])
      assert.match(text, new RegExp(`Zone ${nameOf(index)} was not federated, and nothing was written`));
  });

  it("says it once of zones that bring one content, and of secrets by digest alone", async () => {
    await addZone([route("one", 1)]);
    await addZone([route("one", 1)]);
    await addZone([route("one", 2), secret(Buffer.from("canary-other").toString("base64"))]);
    const text = await refusal();
    const [first, second, ...others] = lines(text).sort();
    assert.match(first, /^Secret default\/api-key: zone zone-3 \S+, zone zone-1, zone-2 \S+$/);
    assert.equal(
      second,
      "TrafficRoute default/one: differs in conf.a (zone zone-3 2, zone zone-1, zone-2 1)",
    );
    assert.deepEqual(others, []);
    assert.doesNotMatch(text, /canary|Y2FuYXJ5/);
  });

  it("refuse one that others have federated with their global, in a preview too", async () => {
    await addZone([], KDS);
    assert.match(
      (await run.refusals("federatedResources", inputs(0))).join(),
      /this stack did not do it and has no copy/,
    );
  });

  it("takes for no conflict what a rule decides, and tells what the others bring", async () => {
    await addZone([route("one", 1), route("two", 1)]);
    await addZone([route("one", 2), route("two", 2)]);
    const rule = (name: string, choice: string) => ({ resources: `TrafficRoute default/${name}`, choice });
    const one = { onConflict: [rule("one", "keepGlobal")] };
    assert.deepEqual(lines(await refusal(0, one)), [
      "TrafficRoute default/two: differs in conf.a (zone zone-2 2, zone zone-1 1)",
    ]);
    const both = { onConflict: [rule("one", "keepGlobal"), rule("two", "overwrite")] };
    assert.equal(await refusal(0, both), "");
    assert.deepEqual(await run.refusals("federatedResources", inputs(1, both)), []);
    const plan = told.join("\n");
    assert.match(plan, /keep the global's: TrafficRoute default\/one \(.*zone zone-2 2, zone zone-1 1/);
    assert.match(plan, /overwrite: TrafficRoute default\/two \(.*zone zone-2 2, zone zone-1 1/);
    assert.match(plan, /zone zone-2: 4 resources to carry to the global, 2 of them there already, or come/);
  });

  it("compares the zones also where the global is still to be made", async () => {
    await addZone([route("one", 1)]);
    await addZone([route("one", 2)]);
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    assert.deepEqual(lines(await refusal(0, { globalVersion: unknown })), [
      "TrafficRoute default/one: differs in conf.a (zone zone-2 2, zone zone-1 1)",
    ]);
  });

  it("does not take the key of a mesh that another zone brings for one that the global made for itself", async () => {
    const key = (data: string): Resource => ({
      ...{ type: "Secret", mesh: "default", name: "dataplane-token-signing-key-default-1" },
      data: Buffer.from(data).toString("base64"),
    });
    await addZone([key("canary-1")]);
    await addZone([key("canary-2")]);
    assert.match(
      await refusal(),
      /Secret default\/dataplane-token-signing-key-default-1: zone zone-2 \S+, zone zone-1 \S+/,
    );
  });

  it("compares what zones hand over as well, which comes to the global only once they have joined", async () => {
    const policy = (seconds: number): Resource => ({
      ...{ type: "MeshTimeout", mesh: "default", name: "slow" },
      labels: { "kuma.io/origin": "zone" },
      spec: { seconds },
    });
    await addZone([policy(1)]);
    await addZone([policy(2), route("one", 2)]);
    await addZone([policy(3), route("one", 3)]);
    const handsOver = (index: number) => ({ ...side(index), handsOver: true });
    const text = await refusal(0, { handsOver: true, followers: [side(1), handsOver(2)] });
    const found = text.split("\n").filter((line) => /^ *(MeshTimeout|TrafficRoute) /.test(line));
    assert.deepEqual(
      found.map((line) => line.trim()),
      [
        "TrafficRoute default/one: differs in conf.a (zone zone-3 3, zone zone-2 2)",
        "MeshTimeout default/slow: differs in spec.seconds (zone zone-3 3, zone zone-1 1)",
      ],
      text,
    );
  });

  it("writes for none where one that follows does not answer", async () => {
    await addZone([route("one", 1)]);
    await addZone([route("one", 1)]);
    await zones[1].stop();
    withoutPauses();
    assert.match(await refusal(), /control plane of zone zone-2/);
  });

  it("compares with those that a bridge before it has named, where the first has joined already", async () => {
    await addZone([route("one", 1)], KDS);
    await addZone([route("one", 1)]);
    await addZone([route("one", 2)]);
    await addZone([route("one", 2)]);
    global.add(meshForGlobal(MESH), route("one", 1), secret(Buffer.from("canary-same").toString("base64")));
    assert.equal(await refusal(0), "");
    assert.deepEqual(zones[2].requests, []);
    assert.deepEqual(lines(await refusal(1, { followers: undefined })), [
      "TrafficRoute default/one: differs in conf.a (zone 2, global 1)",
      "TrafficRoute default/one: differs in conf.a (zone 2, global 1)",
    ]);
  });

  it("compares with no zone of another global", async () => {
    await addZone([route("one", 1)], KDS);
    await addZone([route("one", 1)]);
    await addZone([route("one", 2)]);
    global.add(meshForGlobal(MESH), route("one", 1), secret(Buffer.from("canary-same").toString("base64")));
    const elsewhere = { global: { url: "http://127.0.0.1:1" } };
    await run.refusals("globalWayBack", inputs(0, elsewhere));
    assert.equal(await refusal(1, { followers: undefined }), "");
    assert.deepEqual(zones[2].requests, []);
  });

  it("leaves it to the first that has not joined", async () => {
    await addZone([route("one", 1)], KDS);
    await addZone([route("one", 2)]);
    await addZone([route("one", 3)]);
    global.add(meshForGlobal(MESH), route("one", 2), secret(Buffer.from("canary-same").toString("base64")));
    assert.equal(await refusal(0), "");
    assert.deepEqual(zones[2].requests, []);
    assert.deepEqual(lines(await refusal(1)), [
      "TrafficRoute default/one: differs in conf.a (zone 3, global 2)",
    ]);
  });
});
