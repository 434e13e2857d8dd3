import * as assert from "node:assert/strict";
import { startWithToken } from "../../../../resources/zone/kubernetes/startWithToken";
import { captureLog } from "../../../support/captureLog";
import { cleanUp } from "../../../support/cleanUp";
import { FakeCluster } from "../../../support/kubernetes/fakeCluster";

const CORE = "/api/v1/namespaces/kuma-system";
const DEPLOYMENT = "/apis/apps/v1/namespaces/kuma-system/deployments/cp";
const LABELS = { app: "kuma-control-plane" };

describe("resources/zone/kubernetes/startWithToken", () => {
  let cluster: FakeCluster;
  let told: string[];
  beforeEach(async () => {
    told = captureLog().lines;
    cluster = await FakeCluster.start();
    cluster.add(`${CORE}/services/kuma-control-plane`, {
      ...{ apiVersion: "v1", kind: "Service" },
      metadata: { name: "kuma-control-plane" },
      spec: { selector: LABELS },
    });
    cluster.add(DEPLOYMENT, {
      ...{ apiVersion: "apps/v1", kind: "Deployment" },
      metadata: { name: "cp", generation: 2 },
      spec: { replicas: 1, template: { metadata: { labels: LABELS } } },
      status: { observedGeneration: 2, replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
    });
  });
  afterEach(cleanUp);

  const showing = (tokenDigest?: string) => ({
    zone: { url: "kubernetes://fake/kuma-system/kuma-control-plane", kubeconfig: cluster.kubeconfig() },
    ...{ zoneName: "zone-a", tokenDigest },
  });

  it("restarts a zone whose token was renewed, which its pods do not read by themselves", async () => {
    await startWithToken(showing("former"), showing("renewed"));
    assert.deepEqual(cluster.writes, [`PATCH ${DEPLOYMENT}`]);
    assert.deepEqual(told, ["zone zone-a: its control plane is restarted, so that it shows its new token"]);
  });

  for (const [what, former, now] of [
    ["shows the same token", "same", "same"],
    ["shows none", undefined, undefined],
    ["was federated before there was a record of its token", undefined, "now"],
  ]) {
    it(`leaves a zone alone that ${what}`, async () => {
      await startWithToken(showing(former), showing(now));
      assert.deepEqual([cluster.asked, told], [[], []]);
    });
  }
});
