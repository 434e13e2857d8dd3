import * as assert from "node:assert/strict";
import type { Properties } from "../../../../resources/provider/handler";
import { UNKNOWN } from "../../../../resources/provider/handler";
import { cleanUp } from "../../../support/cleanUp";
import { FakeCluster, status } from "../../../support/kubernetes/fakeCluster";
import { HandlerRun } from "../../../support/pulumi/handlerRun";

const PATH = "/api/v1/namespaces/kuma-system";

describe("resources/cluster/kubernetesNamespace", () => {
  let cluster: FakeCluster;
  let state: Map<string, Properties>;
  beforeEach(async () => {
    cluster = await FakeCluster.start();
    state = new Map();
  });
  afterEach(cleanUp);

  const inputs = (more: object = {}): Properties => ({
    ...{ ...cluster.reference(), role: "global", namespace: "kuma-system" },
    ...more,
  });
  const step = (more?: object) => new HandlerRun(state).step("kubernetesNamespace", inputs(more));
  const remove = () => new HandlerRun(state).remove("kubernetesNamespace");
  const isThere = () => cluster.objects.has(PATH);
  const found = (metadata: object = {}) =>
    cluster.add(PATH, {
      ...{ apiVersion: "v1", kind: "Namespace" },
      metadata: { name: "kuma-system", ...metadata },
    });

  it("makes one with the label of Kuma's, once, and takes it away with the stack", async () => {
    assert.equal((await step()).outs.found, false);
    const labels = { "kuma.io/system-namespace": "true" };
    assert.deepEqual(cluster.objects.get(PATH)?.metadata.labels, labels);
    assert.equal((await step()).changed, false);
    await remove();
    assert.equal(isThere(), false);
  });

  it("uses one that others have made, which stays when the stack goes", async () => {
    found({ labels: { team: "mesh" } });
    assert.equal((await step()).outs.found, true);
    assert.deepEqual(cluster.objects.get(PATH)?.metadata.labels, {
      ...{ team: "mesh", "kuma.io/system-namespace": "true" },
    });
    assert.equal((await step()).changed, false);
    await remove();
    assert.equal(isThere(), true);
  });

  it("uses one that another program of Pulumi's has made, which stays as well", async () => {
    found({ managedFields: [{ manager: "pulumi-kubernetes-1a2b3c4d", operation: "Apply" }] });
    assert.equal((await step()).outs.found, true);
    await remove();
    assert.equal(isThere(), true);
  });

  it("knows for its own what a run has made that was killed before it could note it", async () => {
    await step();
    state.clear();
    assert.equal((await step()).outs.found, false);
  });

  it("makes it again when somebody has deleted it, and then it is its own", async () => {
    found();
    await step();
    cluster.objects.delete(PATH);
    const { changed, outs } = await step();
    assert.deepEqual([changed, outs.found, isThere()], [true, false, true]);
  });

  it("puts the label back that somebody has removed", async () => {
    await step();
    found();
    assert.equal((await step()).changed, true);
    assert.equal(cluster.objects.get(PATH)?.metadata.labels?.["kuma.io/system-namespace"], "true");
  });

  it("is replaced by one of another name", async () => {
    const { outs } = await step();
    const diff = await new HandlerRun(state).diff("kubernetesNamespace", outs, inputs({ namespace: "mesh" }));
    assert.deepEqual(diff.replaces, ["namespace"]);
  });

  it("asks nothing of a cluster that is still to be made", async () => {
    const { outs } = await step();
    cluster.requests.length = 0;
    const news = inputs({ kubeconfig: UNKNOWN });
    assert.equal((await new HandlerRun(state).diff("kubernetesNamespace", outs, news)).changes, true);
    assert.deepEqual(cluster.requests, []);
  });

  it("tells that an account may not make one, and where", async () => {
    const refusal = status(403, "Forbidden", "namespaces is forbidden: User cannot create resource");
    cluster.answer("POST /api/v1/namespaces", refusal.status, refusal.body);
    await assert.rejects(
      step(),
      /Namespace kuma-system in the cluster of context fake: namespaces is forbidden/,
    );
    assert.equal(isThere(), false);
  });
});
