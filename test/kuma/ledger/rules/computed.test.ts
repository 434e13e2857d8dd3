import * as assert from "node:assert/strict";
import { Resource } from "../../../../kuma";
import { explainedBy, policy, record, secret, timeout } from "../records";

const GLOBAL = { "kuma.io/origin": "global" };

describe("kuma/ledger/rules/computed", () => {
  it("computed-identifier explains a kri that fits what it stands in", () => {
    const code = "computed-identifier";
    const labels = { "kuma.io/zone": "east", "k8s.kuma.io/namespace": "ns", "kuma.io/display-name": "first" };
    const of = (kri: unknown, more: object = {}): Resource[] => [timeout({ labels, kri, ...more })];
    const fits = "kri_t_m_east_ns_first_";
    assert.deepEqual(explainedBy(code, of("kri_t_m___slow_"), of(fits)), ["kri"]);
    for (const kri of [
      ...["kri_t_n_east_ns_first_", "kri_t_m_west_ns_first_", "kri_t_m_east_other_first_"],
      ...["kri_t_m_east_ns_slow_", "kri_t_m_east_ns_first", "kri_m_east_ns_first_", 1, undefined, "", null],
    ])
      assert.deepEqual(explainedBy(code, of("kri_t_m___slow_"), of(kri)), [], String(kri));
    const plain = (kri: string): Resource[] => [{ type: "Zone", name: "z", kri }];
    assert.deepEqual(explainedBy(code, plain("kri_z____y_"), plain("kri_z____z_")), ["kri"]);
    assert.deepEqual(
      explainedBy(code, of(fits, { k: { ri: fits } }), of(fits, { k: { ri: `${fits}x` } })),
      [],
    );
    assert.deepEqual(explainedBy(code, of(fits), []), []);
  });

  it("computed-of-services explains the state and the identities of a MeshService", () => {
    const code = "computed-of-services";
    const of = (spec: object, type = "MeshService"): Resource[] => [{ type, mesh: "m", name: "s", spec }];
    assert.deepEqual(explainedBy(code, of({}), of({ state: "Available", identities: [{ type: "a" }] })), [
      "spec.identities",
      "spec.state",
    ]);
    const [was, is] = [of({ identities: [{ value: "a" }] }), of({ identities: [{ value: "b" }] })];
    assert.deepEqual(explainedBy(code, was, is), ["spec.identities.0.value"]);
    assert.deepEqual(explainedBy(code, of({}), of({ states: 1, ports: [] })), []);
    assert.deepEqual(explainedBy(code, of({}, "MeshTimeout"), of({ state: "a" }, "MeshTimeout")), []);
    assert.deepEqual(explainedBy(code, of({ old: { spec: {} } }), of({ old: { spec: { state: 1 } } })), []);
  });

  it("outbounds-noted explains outbounds of a proxy that has transparent proxying, before and after", () => {
    const code = "outbounds-noted";
    const transparentProxying = { redirectPortInbound: 15006 };
    const of = (networking?: object, type = "Dataplane"): Resource[] => [
      { type, mesh: "m", name: "d", ...(networking && { networking }) },
    ];
    const outbound = [{ port: 1 }];
    const [was, is] = [of({ transparentProxying }), of({ transparentProxying, outbound })];
    assert.deepEqual(explainedBy(code, was, is), ["networking.outbound"]);
    assert.deepEqual(explainedBy(code, is, of({ transparentProxying, outbound: [{ port: 2 }] })), [
      "networking.outbound.0.port",
    ]);
    assert.deepEqual(explainedBy(code, of({}), of({ outbound })), []);
    assert.deepEqual(explainedBy(code, of({}), is), []);
    assert.deepEqual(explainedBy(code, of({ transparentProxying }), of({ outbound })), []);
    assert.deepEqual(explainedBy(code, of(), of({ outbound })), []);
    const others = of({ transparentProxying, outbounds: outbound, inbound: outbound });
    assert.deepEqual(explainedBy(code, was, others), []);
    const type = "ZoneEgress";
    const zoneProxy = [of({ transparentProxying }, type), of({ transparentProxying, outbound }, type)];
    assert.deepEqual(explainedBy(code, zoneProxy[0], zoneProxy[1]), []);
    const nested = (port: number) => of({ transparentProxying, old: { networking: { outbound: port } } });
    assert.deepEqual(explainedBy(code, nested(1), nested(2)), []);
  });

  it("explain proxies that have started, and what is made of them", () => {
    for (const type of ["Dataplane", "ZoneIngress", "ZoneEgress"]) {
      assert.deepEqual(explainedBy("proxy-registered", [], [timeout({ type })]), ["new"]);
      assert.deepEqual(explainedBy("proxy-registered", [timeout({ type })], []), []);
      assert.deepEqual(explainedBy("proxy-registered", [], [timeout({ type, labels: GLOBAL })]), []);
    }
    assert.deepEqual(explainedBy("proxy-registered", [], [timeout()]), []);
    const code = "generated-from-proxies";
    for (const by of ["meshservice-generator", "workload-generator"]) {
      const made = timeout({ labels: { "kuma.io/managed-by": by } });
      assert.deepEqual(explainedBy(code, [], [made]), ["new"]);
      assert.deepEqual(explainedBy(code, [made], []), []);
      const ofOthers = timeout({ labels: { ...GLOBAL, "kuma.io/managed-by": by } });
      assert.deepEqual(explainedBy(code, [], [ofOthers]), []);
    }
    assert.deepEqual(explainedBy(code, [], [timeout({ labels: { "kuma.io/managed-by": "me" } })]), []);
    assert.deepEqual(explainedBy(code, [], [timeout({ labels: {} })]), []);
    assert.deepEqual(explainedBy(code, [], [timeout()]), []);
  });
});

describe("kuma/ledger/rules/people", () => {
  const [was, is] = [policy(), policy({ spec: { to: [1] } })];

  it("accepted explains what the stack names", () => {
    const isAccepted = (key: string) => key === "MeshTimeout m/t";
    assert.deepEqual(explainedBy("accepted", [was, timeout()], [], { isAccepted }), ["gone"]);
    assert.deepEqual(explainedBy("accepted", [was], []), []);
  });

  it("left-to-the-global explains a change of what comes from the global", () => {
    const code = "left-to-the-global";
    const isLeftToGlobal = () => true;
    const ofGlobal = policy({ labels: GLOBAL, spec: { to: [1] } });
    const before = policy({ labels: GLOBAL });
    assert.deepEqual(explainedBy(code, [before], [ofGlobal], { isLeftToGlobal }), ["spec.to.0"]);
    assert.deepEqual(explainedBy(code, [before], [ofGlobal]), []);
    assert.deepEqual(explainedBy(code, [was], [is], { isLeftToGlobal }), []);
    assert.deepEqual(explainedBy(code, [], [ofGlobal], { isLeftToGlobal }), []);
    assert.deepEqual(explainedBy(code, [before], [], { isLeftToGlobal }), []);
  });

  it("changed-while-federated explains what was so when the zone left", () => {
    const code = "changed-while-federated";
    const explained = (before: Resource[], after: Resource[], left: Resource[], more = {}) =>
      explainedBy(code, before, after, { occasion: "back", leaving: record(left), ...more });
    assert.deepEqual(explained([was], [is], [is]), ["spec.to.0"]);
    assert.deepEqual(explained([was], [is], [was]), [], "it was not so");
    assert.deepEqual(explained([was], [is], []), []);
    assert.deepEqual(explained([was], [is], [{ ...is, kri: "kri_x" }]), ["spec.to.0"]);
    assert.deepEqual(explained([was], [is], [is], { isAccepted: () => true }), []);
    assert.deepEqual(explained([], [is], [is]), ["new"]);
    assert.deepEqual(explained([was], [], []), ["gone"]);
    assert.deepEqual(explained([was], [], [was]), [], "it was there when the zone left");
    assert.deepEqual(explained([was], [], [], { isLeavingWhole: false }), []);
    assert.deepEqual(explained([timeout()], [], []), [], "what is not the zone's own");
    assert.deepEqual(explainedBy(code, [was], [is], { occasion: "back" }), [], "nothing is known of it");
    const [one, other] = [{}, { conf: {} }].map((fields) => timeout({ ...fields, labels: {} }));
    assert.deepEqual(explained([one], [other], [other]), [], "what is not the zone's own");
    const secrets = ["a", "b"].map((data) => secret({ data, labels: { "kuma.io/origin": "zone" } }));
    assert.deepEqual(explained([secrets[0]], [secrets[1]], [secrets[1]]), []);
    assert.deepEqual(explained([secrets[0]], [], []), []);
    assert.deepEqual(explained([], [secrets[1]], [secrets[1]]), []);
    const renamed = policy({ name: "u", labels: { ...was.labels, "kuma.io/display-name": "t" } });
    assert.deepEqual(explained([was], [renamed], [renamed]), ["labels.kuma.io/display-name"]);
  });
});
