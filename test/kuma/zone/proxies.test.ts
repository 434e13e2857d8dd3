import * as assert from "node:assert/strict";
import { notConnectedAgain, proxiesOf } from "../../../kuma";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { DEADLINE_MS } from "../../support/until";

describe("kuma/zone/proxies", () => {
  let fake: FakeControlPlane;
  const OVERVIEWS = "GET /dataplanes+insights";
  const overview = (name: string, isConnected: boolean) => ({
    ...{ type: "DataplaneOverview", mesh: "m", name },
    dataplaneInsight: { subscriptions: isConnected ? [{ connectTime: "2026-01-01T00:00:00Z" }] : [] },
  });
  const serve = (...items: object[]) => ({
    body: JSON.stringify({ total: items.length, items, next: null }),
    status: 200,
  });
  beforeEach(async () => (fake = await FakeControlPlane.start()));
  afterEach(stopFakes);

  it("tells the registered from the connected, each in order", async () => {
    fake.fail(OVERVIEWS, serve(overview("c", false), overview("b", true), overview("a", true)));
    assert.deepEqual(await proxiesOf(clientOf(fake)), {
      registered: ["m/a", "m/b", "m/c"],
      connected: ["m/a", "m/b"],
    });
  });

  it("waits for those that were connected, and for no other", async () => {
    fake.fail(OVERVIEWS, serve(overview("a", false), overview("b", true)));
    fake.fail(OVERVIEWS, serve(overview("a", true), overview("b", true), overview("c", false)));
    assert.deepEqual(await notConnectedAgain(clientOf(fake), ["m/a", "m/b"], DEADLINE_MS), []);
    assert.equal(fake.requests.length, 2);
  });

  it("names those that are not when that takes too long", async () => {
    fake.fail(OVERVIEWS, serve(overview("a", false), overview("b", true)), 9);
    assert.deepEqual(await notConnectedAgain(clientOf(fake), ["m/a", "m/b", "m/gone"], 0), ["m/a", "m/gone"]);
  });

  it("asks nothing where none was connected", async () => {
    assert.deepEqual(await notConnectedAgain(clientOf(fake), [], DEADLINE_MS), []);
    assert.deepEqual(fake.requests, []);
  });
});
