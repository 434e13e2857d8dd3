import * as assert from "node:assert/strict";
import { UNKNOWN } from "../../../resources/provider/handler";
import { cleanUp } from "../../support/cleanUp";
import { FakeCluster } from "../../support/kubernetes/fakeCluster";
import { check } from "../../support/pulumi/handlerRun";

describe("resources/global/kubernetesGlobal", () => {
  afterEach(cleanUp);

  it("is unknown in a preview before it is installed", async () => {
    const cluster = await FakeCluster.start();
    const inputs = {
      global: {
        url: "kubernetes://fake/kuma-system/kuma-control-plane",
        kubeconfig: cluster.kubeconfig(),
      },
      release: UNKNOWN,
    };
    assert.deepEqual(await check("kubernetesGlobal", {}, inputs), inputs);
    assert.deepEqual(cluster.writes, []);
  });
});
