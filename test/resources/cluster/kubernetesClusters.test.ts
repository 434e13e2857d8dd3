import * as assert from "node:assert/strict";
import type { Properties } from "../../../resources/provider/handler";
import { cleanUp } from "../../support/cleanUp";
import { FakeCluster } from "../../support/kubernetes/fakeCluster";
import { check } from "../../support/pulumi/handlerRun";

describe("resources/cluster/kubernetesClusters", () => {
  afterEach(cleanUp);

  const withUid = async (uid?: string) => {
    const cluster = await FakeCluster.start();
    const metadata = { name: "kube-system", uid };
    if (uid) cluster.add("/api/v1/namespaces/kube-system", { apiVersion: "v1", kind: "Namespace", metadata });
    return cluster;
  };
  const inputs = (global: FakeCluster, zone: FakeCluster) => ({
    clusters: { global: { ...global.reference("g") }, "zone default": { ...zone.reference("z") } },
  });

  it("knows clusters by what does not change", async () => {
    const [global, zone] = [await withUid("one"), await withUid("two")];
    const checked = (await check("kubernetesClusters", {}, inputs(global, zone))) as Properties;
    assert.deepEqual(checked.identities, { global: "one", "zone default": "two" });
    assert.deepEqual([...global.writes, ...zone.writes], []);
  });

  it("refuses two contexts of one cluster", async () => {
    const [global, zone] = [await withUid("one"), await withUid("one")];
    assert.equal(
      await check("kubernetesClusters", {}, inputs(global, zone)),
      "The contexts of global and zone default lead to one and the same cluster. Control planes of different roles cannot share one. Nothing was changed.",
    );
  });

  it("takes the address where the namespace may not be read", async () => {
    const [global, zone] = [await withUid("one"), await withUid()];
    const checked = (await check("kubernetesClusters", {}, inputs(global, zone))) as Properties;
    assert.deepEqual(checked.identities, {
      global: "one",
      "zone default": `http://127.0.0.1:${zone.port}`,
    });
  });

  it("names a context that is not there", async () => {
    const cluster = await withUid("one");
    const clusters = { global: { context: "other", kubeconfig: cluster.kubeconfig("g") } };
    const told = String(await check("kubernetesClusters", {}, { clusters }));
    assert.equal(told, "The kubeconfig has no context other; it has g. Nothing was changed.");
  });
});
