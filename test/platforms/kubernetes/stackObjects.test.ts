import * as assert from "node:assert/strict";
import type { KubernetesObject } from "../../../platforms/kubernetes/cluster";
import {
  StackObject,
  changedFields,
  isOfRelease,
  isPulumis,
  mustBeAnother,
  nameOf,
} from "../../../platforms/kubernetes/stackObjects";

const live = (metadata: object = {}, more: object = {}): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "s", ...metadata },
  ...more,
});
const service = (spec: object): StackObject => ({
  kind: "Service",
  namespace: "kuma-system",
  name: "s",
  fields: { spec: { type: "LoadBalancer", ...spec } },
});
const managed = (...managers: string[]) => live({ managedFields: managers.map((manager) => ({ manager })) });

describe("platforms/kubernetes/stackObjects", () => {
  it("names an object with its namespace", () => {
    assert.equal(nameOf(service({})), "Service kuma-system/s");
    assert.equal(nameOf({ kind: "Namespace", name: "kuma-system" }), "Namespace kuma-system");
  });

  it("knows what Pulumi has made by its managers", () => {
    for (const [managers, expected] of [
      [["pulumi-kubernetes"], true],
      [["kubectl-edit", "pulumi-kubernetes-1a2b3c4d"], true],
      [["helm"], false],
      [["pulumi-kubernetesque"], false],
      [[], false],
    ] as const)
      assert.equal(isPulumis(managed(...managers)), expected, managers.join());
  });

  it("tells the objects of a release from those of another one", () => {
    const of = (name: string, namespace: string) =>
      live({
        annotations: { "meta.helm.sh/release-name": name, "meta.helm.sh/release-namespace": namespace },
      });
    const release = { name: "kuma", namespace: "kuma-system" };
    assert.equal(isOfRelease(of("kuma", "kuma-system"), release), true);
    assert.equal(isOfRelease(of("kuma", "mesh"), release), false);
    assert.equal(isOfRelease(of("other", "kuma-system"), release), false);
    assert.equal(isOfRelease(live(), release), false);
  });

  it("names what was changed of the stack's fields, and leaves what others have added", () => {
    const wanted = service({ loadBalancerSourceRanges: ["10.0.0.0/8"], ports: [{ port: 5685, name: "k" }] });
    const asWanted = {
      type: "LoadBalancer",
      loadBalancerSourceRanges: ["10.0.0.0/8"],
      ports: [{ port: 5685, name: "k", nodePort: 31_000, protocol: "TCP" }],
      clusterIP: "10.0.0.1",
    };
    assert.deepEqual(changedFields(wanted, live({}, { spec: asWanted })), []);
    for (const [spec, changed] of [
      [{ ...asWanted, loadBalancerSourceRanges: undefined }, ["spec.loadBalancerSourceRanges"]],
      [
        { ...asWanted, loadBalancerSourceRanges: ["10.0.0.0/8", "0.0.0.0/0"] },
        ["spec.loadBalancerSourceRanges"],
      ],
      [{ ...asWanted, ports: [{ port: 5686, name: "k" }] }, ["spec.ports"]],
      [{ ...asWanted, type: "ClusterIP" }, ["spec.type"]],
    ] as const)
      assert.deepEqual(changedFields(wanted, live({}, { spec })), changed);
  });

  describe("what Kubernetes does not let anybody change", () => {
    const classed = (loadBalancerClass?: string) => ({ ...(loadBalancerClass && { loadBalancerClass }) });
    const isAnother = (before: string | undefined, wanted: string | undefined, now: string | undefined) =>
      mustBeAnother(
        service(classed(before)),
        service(classed(wanted)),
        live({}, { spec: { type: "LoadBalancer", ...classed(now) } }),
      );

    it("is the class of a load balancer, whether it is taken out, put in or another one", () => {
      assert.equal(isAnother("x/wrong", undefined, "x/wrong"), true);
      assert.equal(isAnother("x/wrong", "x/right", "x/wrong"), true);
      assert.equal(isAnother(undefined, "x/right", undefined), true);
      assert.equal(isAnother("x/right", "x/right", "x/right"), false);
    });

    it("is not one that the cluster itself has put there", () => {
      assert.equal(isAnother(undefined, undefined, "service.k8s.aws/nlb"), false);
    });

    it("is nothing where the type changes", () => {
      const port: StackObject = { ...service({}), fields: { spec: { type: "NodePort" } } };
      const there = live({}, { spec: { type: "LoadBalancer", loadBalancerClass: "x/wrong" } });
      assert.equal(mustBeAnother(service(classed("x/wrong")), port, there), false);
    });
  });
});
