import * as assert from "node:assert/strict";
import type { KubernetesObject } from "../../../platforms/kubernetes/cluster";
import { type PodCut, cutPods, mendPods, whyNoPodCut } from "../../../platforms/kubernetes/podCut";
import { rulesAround } from "../../../platforms/universal/cut";
import { cleanUp } from "../../support/cleanUp";
import { kumaErrorOf } from "../../support/errors";
import { FakeCluster, status } from "../../support/kubernetes/fakeCluster";

const POD = "/api/v1/namespaces/kuma-system/pods/kuma-ingress-1";
const CUT: PodCut = {
  namespace: "kuma-system",
  pods: ["kuma-ingress-1"],
  rules: rulesAround([10001], "kuma-federation-drill:test", ["iptables"]),
  container: "kuma-federation-drill-1",
  image: "kuma-init:test",
};

describe("platforms/kubernetes/podCut", () => {
  let cluster: FakeCluster;
  beforeEach(async () => {
    cluster = await FakeCluster.start();
  });
  afterEach(cleanUp);

  /** A pod with the container of a drill in this state, or without one. */
  const pod = (state?: object) =>
    cluster.add(POD, {
      ...{ apiVersion: "v1", kind: "Pod" },
      metadata: { name: "kuma-ingress-1" },
      spec: { ephemeralContainers: state ? [{ name: CUT.container }] : [] },
      status: { ephemeralContainerStatuses: state ? [{ name: CUT.container, state }] : [] },
    } as KubernetesObject);
  const added = () => cluster.asked.filter((each) => each.startsWith("PATCH"));

  it("asks the API server first, which takes nothing then", async () => {
    cluster.answer(`PATCH ${POD}/ephemeralcontainers`, 200, {});
    assert.equal(await whyNoPodCut(await cluster.client(), CUT), undefined);
    assert.match(added()[0], /\?dryRun=All$/);
    cluster.answer(
      `PATCH ${POD}/ephemeralcontainers`,
      403,
      status(403, "Forbidden", "pods/ephemeralcontainers is forbidden: User cannot patch").body,
    );
    assert.match((await whyNoPodCut(await cluster.client(), CUT)) ?? "", /kuma-ingress-1.*forbidden/);
  });

  it("sets rules, and has the pod take them away by itself", async () => {
    pod({ running: {} });
    cluster.answer(`PATCH ${POD}/ephemeralcontainers`, 200, {});
    cluster.answer(`GET ${POD}/log`, 200, "kuma-federation: rules are set\n");
    await cutPods(await cluster.client(), CUT);
    const sent = JSON.stringify(cluster.requests.find(({ method }) => method === "PATCH")?.body);
    assert.match(sent, /iptables -w 10 -I INPUT .*sleep 1.*iptables -w 10 -D INPUT/);
  });

  it("fails where a pod cannot set them", async () => {
    pod({ terminated: { exitCode: 1 } });
    cluster.answer(`PATCH ${POD}/ephemeralcontainers`, 200, {});
    const { code, message } = await kumaErrorOf(cutPods(await cluster.client(), CUT));
    assert.equal(code, "refused");
    assert.match(message, /kuma-ingress-1 could not set the rules .* -c kuma-federation-drill-1" tells why/);
  });

  it("has nothing to mend where the pod is gone, was never cut, or has mended itself", async () => {
    const client = await cluster.client();
    await mendPods(client, CUT);
    for (const state of [undefined, { terminated: { exitCode: 0 } }]) {
      pod(state);
      await mendPods(client, CUT);
    }
    assert.deepEqual(added(), []);
  });
});
