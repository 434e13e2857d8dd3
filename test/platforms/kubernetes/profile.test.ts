import * as assert from "node:assert/strict";
import { Resource, giveBack, handOver, planPolicies } from "../../../kuma";
import { KubernetesControlPlane } from "../../../platforms/kubernetes/controlPlane";
import { cleanUp, later } from "../../support/cleanUp";
import { FakeCluster } from "../../support/kubernetes/fakeCluster";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { inZone } from "../../support/controlPlane/fakeKds";
import { DEADLINE_MS } from "../../support/until";

const PATH = "/apis/kuma.io/v1alpha1/namespaces/kuma-system/meshtimeouts/a";
const WAIT = { deadlineMs: DEADLINE_MS, intervalMs: 10 };
const SPEC = { targetRef: { kind: "Mesh" } };
const SYSTEM = { "k8s.kuma.io/namespace": "kuma-system" };
const policy: Resource = { type: "MeshTimeout", mesh: "default", name: "a", spec: SPEC };

/** A policy as the REST API of a zone on Kubernetes shows it. */
const shown = (name: string, namespace = "kuma-system") =>
  inZone(
    { ...policy, name: `${name}.${namespace}` },
    { "kuma.io/display-name": name, "k8s.kuma.io/namespace": namespace },
  );
const copy: Resource = {
  ...policy,
  name: "a-48bc6d6w28bw7b44.kuma-system",
  labels: { ...SYSTEM, "kuma.io/origin": "global", "kuma.io/display-name": "a" },
};

describe("the policies of a zone on Kubernetes", () => {
  let cluster: FakeCluster;
  let api: FakeControlPlane;
  let global: FakeControlPlane;

  beforeEach(async () => {
    cluster = await FakeCluster.start();
    api = await FakeControlPlane.start({ config: { mode: "zone", multizone: { zone: { name: "zone-1" } } } });
    global = await FakeControlPlane.start();
  });
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

  async function sides() {
    const zone = new KubernetesControlPlane(
      { title: "the zone", url: api.url, attempts: 1 },
      await cluster.client(),
      { close: () => undefined },
      "kuma-system",
    );
    later(() => zone.close());
    return { zoneName: "zone-1", zone, global: clientOf(global) };
  }

  const writes = () =>
    cluster.requests.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);

  it("are handed over from the system namespace under their own names, and retired through the API server", async () => {
    api.add(shown("a"), shown("b", "shop"), copy);
    cluster.add(PATH, { apiVersion: "kuma.io/v1alpha1", kind: "MeshTimeout", metadata: { name: "a" } });
    const both = await sides();
    const { handedOver, staying } = await planPolicies({ ...both, onConflict: "fail" }, {});
    assert.deepEqual(handedOver, [policy]);
    assert.deepEqual(
      staying.map(({ key }) => key),
      ["MeshTimeout default/b.shop"],
    );
    await handOver(both, { policies: handedOver, before: {}, onConflict: "fail", onDrift: "report" }, WAIT);
    assert.deepEqual(global.writes, ["PUT /meshes/default/meshtimeouts/a"]);
    assert.deepEqual(writes(), [`DELETE ${PATH}`]);
    assert.deepEqual(api.writes, []);
  });

  it("come back as the zone's own, also to one that runs alone by then", async () => {
    api.add(copy);
    global.add(policy);
    // the control plane shows what is in the cluster
    const show = () => (cluster.objects.has(PATH) && api.add(shown("a")), false);
    api.fail(show, {}, Infinity);
    const added = ["MeshTimeout default/a"];
    await giveBack(await sides(), { policies: [policy], added, leaveOnGlobal: false }, WAIT);
    const { metadata, spec } = cluster.objects.get(PATH) ?? assert.fail("it is not in the cluster");
    assert.deepEqual(metadata.labels, { "kuma.io/mesh": "default", "kuma.io/origin": "zone" });
    assert.deepEqual(spec, SPEC);
    assert.deepEqual(global.writes, ["DELETE /meshes/default/meshtimeouts/a"]);
  });
});
