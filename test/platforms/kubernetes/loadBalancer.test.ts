import * as assert from "node:assert/strict";
import { loadBalancerHost, untilLoadBalancerHost } from "../../../platforms/kubernetes/loadBalancer";
import { cleanUp } from "../../support/cleanUp";
import { kumaErrorOf } from "../../support/errors";
import { FakeCluster } from "../../support/kubernetes/fakeCluster";

const PATH = "/api/v1/namespaces/kuma-system/services/kuma-global-zone-sync";

describe("platforms/kubernetes/loadBalancer", () => {
  let cluster: FakeCluster;
  beforeEach(async () => (cluster = await FakeCluster.start()));
  afterEach(cleanUp);

  const reference = () => ({
    ...cluster.reference(),
    namespace: "kuma-system",
    service: "kuma-global-zone-sync",
  });
  const addService = (ingress?: object[]) =>
    cluster.add(PATH, {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "kuma-global-zone-sync", namespace: "kuma-system" },
      status: { loadBalancer: ingress && { ingress } },
    });

  for (const [what, ingress, host] of [
    ["an IP address", [{ ip: "10.0.0.7" }], "10.0.0.7"],
    ["a host name, as on AWS", [{ hostname: "x.elb.amazonaws.com" }], "x.elb.amazonaws.com"],
    ["a host name before the address that it stands for", [{ ip: "10.0.0.7", hostname: "h" }], "h"],
    ["nothing while it is pending", [], undefined],
    ["nothing before a controller has looked at it", undefined, undefined],
    ["nothing for an empty entry", [{}], undefined],
  ] as const) {
    it(`gives ${what}`, async () => {
      addService(ingress?.slice());
      assert.equal(await loadBalancerHost(reference()), host);
      assert.deepEqual(cluster.writes, []);
    });
  }

  it("gives nothing where there is no Service yet", async () => {
    assert.equal(await loadBalancerHost(reference()), undefined);
  });

  it("waits for an address that comes", async () => {
    addService();
    const pending = { status: { loadBalancer: {} } };
    cluster.answer(`GET ${PATH}`, 200, pending, { then: () => addService([{ ip: "10.0.0.7" }]) });
    assert.equal(await untilLoadBalancerHost(reference(), 10), "10.0.0.7");
  });

  it("says of one that never comes which Service, how long, and what helps where", async () => {
    addService([]);
    const { code, message } = await kumaErrorOf(() => untilLoadBalancerHost(reference(), 0.1));
    assert.equal(code, "unreachable");
    assert.match(
      message,
      /^Service kuma-system\/kuma-global-zone-sync in the cluster of context fake got no .* within 0\.1 s/,
    );
    assert.match(message, /no control plane was installed and no zone was changed/);
    for (const help of [
      "cloud-provider-kind",
      "minikube tunnel",
      "host.minikube.internal",
      "describe service",
      "NodePort",
    ])
      assert.ok(message.includes(help), help);
  });
});
