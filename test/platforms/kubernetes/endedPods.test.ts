import * as assert from "node:assert/strict";
import { endedPods } from "../../../platforms/kubernetes/endedPods";
import { cleanUp } from "../../support/cleanUp";
import { kumaErrorOf } from "../../support/errors";
import { FakeCluster, status } from "../../support/kubernetes/fakeCluster";

const PODS = "/api/v1/namespaces/shop/pods";

describe("platforms/kubernetes/endedPods", () => {
  let cluster: FakeCluster;
  beforeEach(async () => {
    cluster = await FakeCluster.start();
  });
  afterEach(cleanUp);

  const pod = (name: string, of: object, metadata: object = {}) =>
    cluster.add(`${PODS}/${name}`, {
      ...{ apiVersion: "v1", kind: "Pod", metadata: { name, ...metadata } },
      status: { phase: "Running", podIP: "10.0.0.1", ...of },
    });
  const ended = async (...names: string[]) =>
    endedPods(
      await cluster.client(),
      names.map((name) => `shop/${name}`),
    );

  it("are those that are not there, have succeeded, were evicted, have no address, or are about to go", async () => {
    pod("runs", {});
    pod("failed", { phase: "Failed" });
    pod("job", { phase: "Succeeded" });
    pod("evicted", { phase: "Failed", reason: "Evicted" });
    pod("unplaced", { phase: "Pending", podIP: undefined });
    pod("going", {}, { deletionTimestamp: "2026-01-01T00:00:00Z" });
    const all = ["runs", "failed", "job", "evicted", "unplaced", "going", "nowhere"];
    assert.deepEqual(
      await ended(...all),
      ["job", "evicted", "unplaced", "going", "nowhere"].map((name) => `shop/${name}`),
    );
  });

  it("are none that may not be read, and fail where the cluster does not answer", async () => {
    cluster.answer(`GET ${PODS}/hidden`, 403, status(403, "Forbidden", "pods is forbidden").body);
    assert.deepEqual(await ended("hidden"), []);
    const client = await cluster.client();
    await cluster.stop();
    assert.equal((await kumaErrorOf(endedPods(client, ["shop/a"]))).code, "unreachable");
  });
});
