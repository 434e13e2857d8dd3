import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { PREFLIGHT_REPORTS } from "../../../resources/options/preflightMode";
import type { Properties } from "../../../resources/provider/handler";
import { cleanUp, later, setEnvironment } from "../../support/cleanUp";
import { FakeCluster } from "../../support/kubernetes/fakeCluster";
import { HandlerRun } from "../../support/pulumi/handlerRun";

const NAMESPACE = "/api/v1/namespaces/kuma-system";
const SERVICE = `${NAMESPACE}/services/kuma-global-zone-sync`;
const ROLE = "/apis/rbac.authorization.k8s.io/v1/clusterroles/kuma-control-plane";

const spec = (more: object = {}) => ({ type: "LoadBalancer", ports: [{ port: 5685 }], ...more });

/** Puts an object there that `manager` has made. */
function put(cluster: FakeCluster, where: string, manager: string, more: object = {}, metadata: object = {}) {
  const name = where.split("/").at(-1) ?? "";
  cluster.add(where, {
    apiVersion: "v1",
    kind: "Any",
    metadata: { name, managedFields: [{ manager, operation: "Update" }], ...metadata },
    ...more,
  });
}

describe("resources kubernetesObjects", () => {
  let cluster: FakeCluster;
  let state: Map<string, Properties>;
  beforeEach(async () => {
    cluster = await FakeCluster.start();
    state = new Map();
  });
  afterEach(cleanUp);

  const inputs = (fields: object = { spec: spec() }) => ({
    ...cluster.reference(),
    role: "global",
    zones: ["default"],
    objects: [
      { kind: "Namespace", name: "kuma-system", isShareable: true },
      { kind: "Service", namespace: "kuma-system", name: "kuma-global-zone-sync", fields },
    ],
    ofRelease: {
      namespace: "kuma-system",
      name: "kuma",
      objects: [{ kind: "ClusterRole", name: "kuma-control-plane" }],
    },
  });
  const step = (fields?: object) => new HandlerRun(state).step("kubernetesObjects", inputs(fields));
  const made = (more: object = spec()) => {
    put(cluster, NAMESPACE, "pulumi-kubernetes");
    put(cluster, SERVICE, "pulumi-kubernetes", { spec: more });
  };
  const counts = (outs: Properties, key = "Service kuma-system/kuma-global-zone-sync") => [
    (outs.anew as Record<string, number>)[key],
    (outs.again as Record<string, number>)[key],
  ];

  it("finds an empty cluster in order, and has nothing to do as long as all is as it was made", async () => {
    assert.deepEqual(counts((await step()).outs), [0, undefined]);
    made();
    assert.equal((await step()).changed, false);
    assert.deepEqual(cluster.writes, []);
  });

  it("uses a namespace that is there, and takes over what a killed run has made", async () => {
    put(cluster, NAMESPACE, "kubectl-create");
    put(cluster, SERVICE, "pulumi-kubernetes", { spec: spec() });
    await step();
  });

  it("refuses a Service that others have made, and says what to do", async () => {
    put(cluster, SERVICE, "helm", { spec: spec() });
    await assert.rejects(
      step(),
      /^Error: In the cluster of context fake \(global\): Service kuma-system\/kuma-global-zone-sync is there already, and was not made by this stack\. \[cluster-objects\]\n {4}If it is left of something else .*\n {4}What is there was not changed\.$/,
    );
  });

  it("refuses a namespace that is just going", async () => {
    put(cluster, NAMESPACE, "pulumi-kubernetes", {}, { deletionTimestamp: "2026-01-01T00:00:00Z" });
    await assert.rejects(
      step(),
      /Namespace kuma-system is just being deleted\. .*\n {4}Run it again when that has ended\./,
    );
  });

  it("refuses another installation of a control plane, but not what is left of its own release", async () => {
    const of = (namespace: string) => ({
      annotations: { "meta.helm.sh/release-name": "kuma", "meta.helm.sh/release-namespace": namespace },
    });
    put(cluster, ROLE, "helm", {}, of("mesh"));
    await assert.rejects(
      step(),
      /ClusterRole kuma-control-plane is there already, of another installation of a control plane\. A cluster holds one\./,
    );
    put(cluster, ROLE, "helm", {}, of("kuma-system"));
    await step();
  });

  it("refuses a release of others before anything is made, and not one of its own", async () => {
    cluster.addRelease("kuma-system", "kuma", 1, {
      info: { status: "deployed" },
      chart: { metadata: { name: "kuma", version: "2.14.3" } },
    });
    put(cluster, NAMESPACE, "kubectl-create");
    await assert.rejects(
      step(),
      /Release kuma in namespace kuma-system is there already, and was not installed by this stack\. .*\n.*helm uninstall kuma -n kuma-system --kube-context fake/,
    );
    put(cluster, NAMESPACE, "kuma-federation");
    await step();
  });

  it("has what is gone made again, as often as that happens", async () => {
    await step();
    made();
    for (const time of [1, 2]) {
      cluster.objects.delete(SERVICE);
      const { changed, outs } = await step();
      assert.deepEqual([changed, counts(outs)[0]], [true, time]);
      made();
      assert.equal((await step()).changed, false);
    }
  });

  it("has what was changed written again", async () => {
    const wanted = { spec: spec({ loadBalancerSourceRanges: ["10.0.0.0/8"] }) };
    await step(wanted);
    made(spec());
    const { changed, outs } = await step(wanted);
    assert.deepEqual([changed, counts(outs)], [true, [0, 1]]);
    made(wanted.spec);
    assert.equal((await step(wanted)).changed, false);
  });

  it("takes a change of the stack's own for no change of others", async () => {
    await step({ spec: spec({ loadBalancerSourceRanges: ["10.0.0.0/8"] }) });
    made(spec({ loadBalancerSourceRanges: ["10.0.0.0/8"] }));
    const { outs } = await step({ spec: spec({ loadBalancerSourceRanges: ["192.0.2.0/24"] }) });
    assert.deepEqual(counts(outs), [0, undefined]);
  });

  it("has a Service recreated whose class was wrong, while no control plane serves", async () => {
    await step({ spec: spec({ loadBalancerClass: "x/wrong" }) });
    made(spec({ loadBalancerClass: "x/wrong" }));
    const { outs } = await step();
    assert.deepEqual(counts(outs), [1, undefined]);
    made();
    assert.equal((await step()).changed, false);
  });

  it("tells a refresh what is missing or changed, and changes nothing", async () => {
    await step();
    made(spec({ ports: [{ port: 1 }] }));
    cluster.objects.delete(NAMESPACE);
    const { drift } = await new HandlerRun(state).refresh("kubernetesObjects");
    assert.deepEqual(drift, {
      "Namespace kuma-system": "missing",
      "Service kuma-system/kuma-global-zone-sync": "changed",
    });
    assert.deepEqual(cluster.writes, []);
  });

  it("writes a preflight's report for the zones that it matters to, and does not stop it", async () => {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "kuma-federation-test-"));
    later(() => fs.rmSync(directory, { recursive: true }));
    const reports = path.join(directory, "reports");
    setEnvironment(PREFLIGHT_REPORTS.variable, reports);
    put(cluster, SERVICE, "helm", { spec: spec() });
    await step();
    const [{ zone, checks }] = PREFLIGHT_REPORTS.read(reports);
    assert.deepEqual(
      [zone, checks.map(({ code, verdict }) => [code, verdict])],
      ["default", [["cluster-objects", "blocker"]]],
    );
    assert.match(checks[0].sentence, /is there already, and was not made by this stack\.$/);
  });
});
