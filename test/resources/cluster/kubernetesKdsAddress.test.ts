import * as assert from "node:assert/strict";
import type { Properties } from "../../../resources/provider/handler";
import { cleanUp } from "../../support/cleanUp";
import { FakeCluster } from "../../support/kubernetes/fakeCluster";
import { HandlerRun, check } from "../../support/pulumi/handlerRun";

describe("resources/cluster/kubernetesKdsAddress", () => {
  afterEach(cleanUp);

  const PATH = "/api/v1/namespaces/kuma-system/services/s";
  const inputs = (cluster: FakeCluster, more: Properties = {}) => ({
    ...cluster.reference(),
    namespace: "kuma-system",
    service: "s",
    timeout: 5,
    ...more,
  });
  const addService = (cluster: FakeCluster, ip: string) =>
    cluster.add(PATH, {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "s" },
      status: { loadBalancer: { ingress: [{ ip }] } },
    });

  it("shows an address that is there in previews, and leaves one that is not unknown", async () => {
    const cluster = await FakeCluster.start();
    const before = (await check("kubernetesKdsAddress", {}, inputs(cluster))) as Properties;
    assert.ok(!("host" in before));
    addService(cluster, "10.0.0.7");
    const after = (await check("kubernetesKdsAddress", {}, inputs(cluster))) as Properties;
    assert.equal(after.host, "10.0.0.7");
  });

  it("follows an address that has changed", async () => {
    const cluster = await FakeCluster.start();
    const state = new Map<string, Properties>();
    const step = () => new HandlerRun(state).step("kubernetesKdsAddress", inputs(cluster));
    addService(cluster, "10.0.0.7");
    assert.equal((await step()).outs.host, "10.0.0.7");
    assert.equal((await step()).changed, false);
    addService(cluster, "10.0.0.8");
    const { outs, changed } = await step();
    assert.deepEqual([outs.host, changed], ["10.0.0.8", true]);
  });

  it("asks no cluster for a fixed host", async () => {
    const cluster = await FakeCluster.start();
    const checked = await check(
      "kubernetesKdsAddress",
      {},
      inputs(cluster, { fixedHost: "kds.example.com" }),
    );
    assert.equal((checked as Properties).host, "kds.example.com");
    assert.deepEqual(cluster.requests, []);
  });
});
