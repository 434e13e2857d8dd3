import * as assert from "node:assert/strict";
import { cleanUp } from "../../support/cleanUp";
import { Settings, named, run } from "../../support/kubernetes/kubernetesStack";
import type { Registered } from "../../support/pulumi/pulumiMocks";

describe("index.ts on Kubernetes: the address that zones dial", () => {
  afterEach(cleanUp);

  const dialled = (registered: Registered[]) => named(registered, "default-resources").inputs.kdsAddress;
  const spec = (registered: Registered[]) =>
    named(registered, "global-kds-service", "kubernetes:core/v1:Service").inputs.spec as Settings;

  it("is a fixed host name with the load balancer's port", async () => {
    const registered = await run({ kds: { host: "host.minikube.internal", timeout: 5 } });
    const { fixedHost, timeout } = named(registered, "global-kds-address").inputs;
    assert.deepEqual(
      [fixedHost, timeout, spec(registered).type],
      ["host.minikube.internal", 5, "LoadBalancer"],
    );
    assert.equal(dialled(registered), "grpcs://10.0.0.7:5685");
  });

  it("has the node's port for a NodePort", async () => {
    const registered = await run({ kds: { type: "NodePort", host: "192.0.2.1", nodePort: 31_000 } });
    const { type, ports } = spec(registered) as {
      type: string;
      ports: { nodePort: number; port: number }[];
    };
    assert.deepEqual([type, ports[0].nodePort, ports[0].port], ["NodePort", 31_000, 5685]);
    assert.equal(dialled(registered), "grpcs://10.0.0.7:31000");
  });

  it("is that of a load balancer with annotations, a class and source ranges", async () => {
    const registered = await run({
      kds: { annotations: { internal: "true" }, loadBalancerClass: "x/nlb", sourceRanges: ["10.0.0.0/8"] },
    });
    const { loadBalancerClass, loadBalancerSourceRanges } = spec(registered);
    assert.deepEqual([loadBalancerClass, loadBalancerSourceRanges], ["x/nlb", ["10.0.0.0/8"]]);
    const { inputs } = named(registered, "global-kds-service", "kubernetes:core/v1:Service");
    assert.equal((inputs.metadata as { annotations: Settings }).annotations.internal, "true");
  });
});
