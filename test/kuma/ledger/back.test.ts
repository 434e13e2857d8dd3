import * as assert from "node:assert/strict";
import { Resource } from "../../../kuma";
import { foretell, compareRecords, describeLedger, unexplainedIn } from "../../../kuma/ledger";
import { record, timeout, copied, ofZone, policy, secret, told, allExplained } from "./records";

describe("kuma/ledger: the rules when a zone is back or has handed over", () => {
  it("explain the labels that a secret gets when it is written back", () => {
    const after = secret({ labels: { ...ofZone, "kuma.io/mesh": "m" } });
    assert.deepEqual(
      told("back", [secret()], [after]),
      allExplained(["mesh-label", "labelled-when-written-back"]),
    );
    const wrong = secret({ labels: { ...ofZone, "kuma.io/zone": "zone-2" } });
    assert.equal(told("back", [secret()], [wrong]).problems.length, 1);
  });

  it("explain, by one rule each, what becomes of what a former global had left, in a cluster and outside of one", () => {
    const labels = { ...ofZone, "kuma.io/env": "kubernetes", "kuma.io/mesh": "m" };
    for (const more of [{}, { "k8s.kuma.io/namespace": "kuma-system" }] as Record<string, string>[]) {
      const before = [copied(timeout(), more), secret({ labels: { "kuma.io/origin": "global" } })];
      const after = [timeout({ labels: { ...labels, "k8s.kuma.io/namespace": "kuma-system" } }), secret()];
      const { problems } = told(
        "back",
        before,
        after,
        {},
        { environment: "kubernetes", store: "kubernetes" },
      );
      assert.deepEqual(problems, []);
    }
  });

  it("explain the labels of what a zone's own control plane had made, also when it joins on a new store", () => {
    const trust: Resource = { type: "MeshTrust", mesh: "m", name: "identity", spec: { trustDomain: "m.z" } };
    const written = { ...trust, labels: ofZone };
    const store = (store: string) => told("joined", [trust], [written], {}, { store });
    assert.deepEqual(store("memory"), allExplained(["labelled-when-written-back"]));
    assert.deepEqual(store("postgres"), allExplained(["labelled-when-written-back"]));
    assert.equal(store("file").problems.length, 3);
    const others = { ...trust, labels: { ...ofZone, "kuma.io/zone": "zone-2" } };
    assert.equal(told("joined", [trust], [others]).problems.length, 1);
    const what = "gets kuma.io/origin, kuma.io/zone and kuma.io/env";
    assert.deepEqual(
      foretell(record([trust])).map(({ rule, resources }) => [rule.code, resources]),
      [["labelled-when-written-back", [{ key: "MeshTrust m/identity", what }]]],
    );
  });

  it("do not explain a name with a hash, or an owner that stayed", () => {
    assert.notDeepEqual(told("back", [timeout()], [copied(timeout())]).problems, []);
    assert.equal(
      told("back", [timeout()], [timeout({ labels: { "kuma.io/origin": "global" } })]).problems.length,
      1,
    );
  });

  it("explain what the zone had of its owner's when its global got a lost mesh again, and nothing that it had lost", () => {
    const late = policy({ name: "late" });
    const circumstances = { leaving: record([late]), meshes: ["m"] };
    assert.deepEqual(
      told("joined", [policy()], [policy(), late], circumstances),
      allExplained(["changed-while-federated"]),
    );
    assert.deepEqual(told("joined", [policy()], [policy(), late], { meshes: ["m"] }).problems, [
      "MeshTimeout m/late is new",
    ]);
    assert.deepEqual(told("joined", [policy()], [late], circumstances).problems, ["MeshTimeout m/t is gone"]);
  });

  it("explain what the zone itself changed while it was federated, and only that", () => {
    const changed = policy({ spec: { to: [1] } });
    const leaving = (resources: Resource[]) => ({ leaving: record(resources) });
    assert.deepEqual(
      told("back", [policy()], [changed], leaving([changed])),
      allExplained(["changed-while-federated"]),
    );
    assert.equal(told("back", [policy()], [changed], leaving([policy()])).problems.length, 1);
    assert.deepEqual(told("back", [policy()], [], leaving([])), allExplained(["changed-while-federated"]));
    assert.deepEqual(told("back", [policy()], [], leaving([policy()])).problems, ["MeshTimeout m/t is gone"]);
    const ofLost = { ...leaving([]), meshes: ["m"] };
    assert.deepEqual(told("joined", [policy()], [], ofLost).problems, ["MeshTimeout m/t is gone"]);
    const known = { ...ofLost, isLeavingWhole: true };
    assert.deepEqual(told("joined", [policy()], [], known), allExplained(["changed-while-federated"]));
    // what only a global can own is the zone's again as it was, whatever the zone held when it left
    assert.deepEqual(told("back", [timeout()], [], leaving([])).problems, ["Timeout m/slow is gone"]);
    const own = secret({ labels: { "kuma.io/origin": "zone", "kuma.io/zone": "zone-1" } });
    for (const each of [secret(), own])
      assert.equal(told("back", [each], [], leaving([])).problems.length, 1);
  });

  it("look at some meshes alone, where the others are their owners'", () => {
    const other = policy({ mesh: "other" });
    const [before, after] = [record([policy(), other, secret()]), record([])];
    const ledger = compareRecords("joined", before, after, { meshes: ["other"] });
    assert.equal(ledger.recorded, 1);
    assert.deepEqual(unexplainedIn(ledger), ["MeshTimeout other/t is gone"]);
    assert.match(describeLedger(ledger, "zone-1"), /^zone zone-1 has mesh other again, which its global/);
  });

  it("explain a policy that was handed over, and no label of the user's that it lost", () => {
    const copy = copied(policy({ labels: { team: "a" } }));
    assert.deepEqual(
      told("handedOver", [policy()], [copy]),
      allExplained(["handed-over", "name-kept-in-label", "policy-owned-by-global"]),
    );
    const stripped = copied(policy({ labels: {} }));
    assert.deepEqual(told("handedOver", [policy()], [stripped]).problems, [
      `MeshTimeout m/t: label team was "a" and is none`,
    ]);
    assert.deepEqual(told("handedOver", [policy()], []).problems, ["MeshTimeout m/t is gone"]);
  });
});
