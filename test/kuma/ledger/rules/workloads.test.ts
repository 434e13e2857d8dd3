import * as assert from "node:assert/strict";
import type { Resource } from "../../../../kuma";
import { untilExplained } from "../../../../kuma/ledger";
import { FakeControlPlane, clientOf, stopFakes } from "../../../support/controlPlane/fakeControlPlane";
import { kumaErrorOf } from "../../../support/errors";
import { allExplained, explainedBy, record, told } from "../records";

const IN_CLUSTER = { environment: "kubernetes", store: "kubernetes" };
const labels = {
  ...{ "kuma.io/origin": "zone", "kuma.io/zone": "zone-1", "kuma.io/env": "kubernetes" },
  ...{ "k8s.kuma.io/namespace": "shop", "kuma.io/workload": "cart" },
};
const inbound = { port: 80, tags: { "kuma.io/service": "cart" }, health: { ready: true } };
const pod = (name: string, fields: object = {}): Resource => ({
  ...{ type: "Dataplane", mesh: "m", name: `${name}.shop`, labels },
  networking: { address: "10.0.0.1", inbound: [{ ...inbound, ...fields }] },
});
const ingress = (name: string, fields: object = {}): Resource => ({
  ...{ type: "ZoneIngress", name: `${name}.kuma-system` },
  labels: { ...labels, "k8s.kuma.io/namespace": "kuma-system" },
  networking: { address: "10.0.0.9", advertisedAddress: "192.0.2.1", advertisedPort: 10001 },
  ...fields,
});
const headless = (of: string): Resource => ({
  ...{ type: "MeshService", mesh: "m", name: `${of}-x.shop` },
  labels: { ...labels, "k8s.kuma.io/is-headless-service": "true", "kuma.io/managed-by": "k8s-controller" },
  spec: { selector: { dataplaneRef: { name: `${of}.shop` } } },
});
const workload: Resource = {
  ...{ type: "Workload", mesh: "m", name: "cart.shop", spec: {} },
  labels: { ...labels, "kuma.io/display-name": "cart", "kuma.io/managed-by": "k8s-controller" },
};
const fields = (...ended: string[]) => ({ ...IN_CLUSTER, ended });

describe("kuma/ledger/rules/workloads", () => {
  it("explains a proxy that is gone with its pod, and none whose pod runs", () => {
    const all = [pod("a"), pod("b"), ingress("in")];
    const ended = ["Dataplane m/a.shop", "ZoneIngress in.kuma-system"];
    assert.deepEqual(told("joined", all, [pod("c")], {}, fields(...ended)), {
      codes: ["proxy-registered", "pod-ended"],
      problems: ["Dataplane m/b.shop is gone"],
    });
  });

  it("explains the MeshService of a pod of a headless Service, once that pod has ended", () => {
    const before = [pod("a"), pod("b"), headless("a"), headless("b")];
    const ended = fields("Dataplane m/a.shop");
    assert.deepEqual(told("back", before, [pod("b"), headless("b")], {}, ended).problems, []);
    assert.deepEqual(told("back", before, [pod("b")], {}, ended).problems, [
      "MeshService m/b-x.shop is gone",
    ]);
    const other = { ...headless("a"), mesh: "other" };
    assert.deepEqual(explainedBy("headless-pod-ended", [pod("a"), other], [], { fields: ended }), []);
  });

  it("explains a Workload that has no proxy any more", () => {
    assert.deepEqual(explainedBy("workload-ended", [workload], []), ["gone"]);
    assert.deepEqual(explainedBy("workload-ended", [workload], [pod("c")]), []);
    const { "kuma.io/managed-by": _, ...own } = workload.labels as Record<string, string>;
    assert.deepEqual(explainedBy("workload-ended", [{ ...workload, labels: own }], []), []);
  });

  it("explains what is ready, and nothing else of an inbound", () => {
    const after = pod("a", { health: { ready: false }, state: "NotReady", port: 81 });
    assert.deepEqual(explainedBy("health-noted", [pod("a")], [after]).sort(), [
      "networking.inbound.0.health.ready",
      "networking.inbound.0.state",
    ]);
  });

  it("explains another pod of the same name by its other address, where the zone is a cluster", () => {
    const tags = { "kuma.io/service": "cart", "kubernetes.io/hostname": "node-2" };
    const next = pod("a", { tags });
    const other = { ...next, networking: { ...(next.networking as object), address: "10.0.0.2" } };
    const revision = { ...labels, "controller-revision-hash": "a-2", "kuma.io/zone": "zone-2" };
    const at = (after: Resource, of: object = IN_CLUSTER) =>
      explainedBy("another-pod", [pod("a")], [after], { fields: of }).sort();
    assert.deepEqual(at({ ...other, labels: revision }), [
      "labels.controller-revision-hash",
      "networking.address",
      "networking.inbound.0.tags.kubernetes.io/hostname",
    ]);
    assert.deepEqual(at(next), [], "it is the same pod");
    assert.deepEqual(at(other, {}), []);
  });

  it("explains what a control plane notes of its zone ingress", () => {
    const after = ingress("in", {
      availableServices: [{ instances: 1 }],
      networking: { address: "10.0.0.9", advertisedAddress: "192.0.2.2", advertisedPort: 30001 },
    });
    const of = (around: object) => explainedBy("ingress-noted", [ingress("in")], [after], { fields: around });
    assert.deepEqual(of(IN_CLUSTER).sort(), [
      "availableServices",
      "networking.advertisedAddress",
      "networking.advertisedPort",
    ]);
    assert.deepEqual(of({}), ["availableServices"]);
  });

  it("explains the MeshService of a Service that was made meanwhile", () => {
    assert.deepEqual(
      told("joined", [], [headless("a")], {}, IN_CLUSTER),
      allExplained(["generated-from-proxies"]),
    );
  });

  describe("of a zone that is asked", () => {
    afterEach(stopFakes);

    it("looks in its cluster for the pods of proxies that are gone, and for no others", async () => {
      const zone = clientOf(
        await FakeControlPlane.start({ config: { mode: "zone", ...IN_CLUSTER }, resources: [pod("b")] }),
      );
      const asked: string[] = [];
      const before = record([pod("a"), pod("b")], IN_CLUSTER);
      let answer: string[] = [];
      zone.endedPods = async (names) => {
        asked.push(...names);
        return answer;
      };
      const compare = () => untilExplained("joined", before, zone, {}, { deadlineMs: 0, intervalMs: 1 });
      assert.match((await kumaErrorOf(compare())).message, /Dataplane m\/a\.shop is gone/);
      answer = ["shop/a"];
      assert.equal((await compare()).explained[0].rule.code, "pod-ended");
      assert.deepEqual([...new Set(asked)], ["shop/a"]);
    });
  });
});
