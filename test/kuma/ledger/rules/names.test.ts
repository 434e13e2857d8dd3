import * as assert from "node:assert/strict";
import { Resource } from "../../../../kuma";
import { HASH, copied, explainedBy, foretoldBy, ofZone, policy, secret, timeout } from "../records";

const GLOBAL = { "kuma.io/origin": "global" };
const globalSecret = (name: string, labels?: Record<string, string>): Resource => ({
  ...{ type: "GlobalSecret", name, data: "a" },
  ...(labels && { labels }),
});
/** A secret's copy keeps its name; one under another name comes from somebody who copied it by hand. */
const renamedSecret = secret({ name: `s-${HASH}`, labels: { ...GLOBAL, "kuma.io/display-name": "s" } });

describe("kuma/ledger/rules/names: what comes under another name", () => {
  it("renamed-by-sync explains a copy of what was not the zone's own, handed-over one of what was", () => {
    const explained = (code: string, before: Resource, after: Resource) =>
      explainedBy(code, [before], [after], { occasion: "handedOver" });
    assert.deepEqual(explained("renamed-by-sync", timeout(), copied(timeout())), ["renamed"]);
    assert.deepEqual(explained("renamed-by-sync", policy(), copied(policy())), []);
    assert.deepEqual(explained("handed-over", policy(), copied(policy())), ["renamed"]);
    assert.deepEqual(explained("handed-over", timeout(), copied(timeout())), []);
    const byHand = { ...copied(policy()), name: "t-copy" };
    assert.deepEqual(explained("handed-over", policy(), byHand), []);
    assert.deepEqual(explained("renamed-by-sync", secret(), renamedSecret), []);
    assert.deepEqual(explained("handed-over", policy(), policy({ spec: {} })), []);
  });

  it("handed-over-before explains what is gone beside an equal copy that was there before", () => {
    const explained = (own: Resource, before: Resource[], after: Resource[]) =>
      explainedBy("handed-over-before", [own, ...before], after, { occasion: "handedOver" });
    const copy = copied(policy());
    assert.deepEqual(explained(policy(), [copy], [copy]), ["gone"]);
    assert.deepEqual(explained(policy(), [copy], []), []);
    assert.deepEqual(explained(policy(), [], []), []);
    const other = copied(policy({ spec: { to: [{}] } }));
    assert.deepEqual(explained(policy(), [other], [other]), []);
    const another = copied(policy({ name: "u" }));
    assert.deepEqual(explained(policy(), [another], [another]), []);
    const byHand = { ...copy, name: "t-copy" };
    assert.deepEqual(explained(policy(), [byHand], [byHand]), []);
    assert.deepEqual(explained(timeout(), [copied(timeout())], [copied(timeout())]), []);
  });

  it("takes for a hash sixteen letters and digits of those that Kuma uses, before a namespace", () => {
    const explained = (name: string) =>
      explainedBy("renamed-by-sync", [timeout()], [{ ...copied(timeout()), name }]);
    assert.deepEqual(explained(`slow-${HASH}`), ["renamed"]);
    assert.deepEqual(explained(`slow-${HASH}.kuma-system`), ["renamed"]);
    for (const name of [
      ...[`slow-${HASH}x`, `slow-${HASH.slice(1)}`, `slow-${"a".repeat(16)}`, `slow-x${HASH}`, `slow${HASH}`],
      ...[`fast-${HASH}`, `slower-${HASH}`, `slow-.${HASH}`],
    ])
      assert.deepEqual(explained(name), [], name);
    const long = "l".repeat(253);
    const cut = { ...copied(timeout({ name: long })), name: `${long.slice(0, 236)}-${HASH}` };
    assert.deepEqual(explainedBy("renamed-by-sync", [timeout({ name: long })], [cut]), ["renamed"]);
    const less = { ...cut, name: `${long.slice(0, 235)}-${HASH}` };
    assert.deepEqual(explainedBy("renamed-by-sync", [timeout({ name: long })], [less]), []);
  });

  it("name-kept-in-label explains the first name, of what comes from the global", () => {
    const code = "name-kept-in-label";
    const path = "labels.kuma.io/display-name";
    assert.deepEqual(explainedBy(code, [timeout()], [copied(timeout())]), [path]);
    const of = (labels: Record<string, string>) => [timeout({ labels })];
    assert.deepEqual(explainedBy(code, of({}), of({ "kuma.io/display-name": "slow", ...GLOBAL })), [path]);
    assert.deepEqual(explainedBy(code, of({}), of({ "kuma.io/display-name": "fast", ...GLOBAL })), []);
    assert.deepEqual(explainedBy(code, of({}), of({ "kuma.io/display-name": "slow" })), []);
    const was = { "kuma.io/display-name": "a" };
    assert.deepEqual(explainedBy(code, of(was), of({ "kuma.io/display-name": "slow", ...GLOBAL })), []);
    const inNamespace = timeout({
      name: "slow.kuma-system",
      labels: { "k8s.kuma.io/namespace": "kuma-system" },
    });
    const copy = {
      ...inNamespace,
      labels: { ...inNamespace.labels, ...GLOBAL, "kuma.io/display-name": "slow" },
    };
    assert.deepEqual(explainedBy(code, [inNamespace], [copy]), [path]);
    assert.deepEqual(explainedBy(code, [timeout()], [timeout({ labels: GLOBAL })]), []);
  });

  it("foretells both of what the global will own", () => {
    assert.equal(foretoldBy("renamed-by-sync", timeout()), "becomes slow-<hash>");
    assert.equal(foretoldBy("name-kept-in-label", timeout()), "gets kuma.io/display-name: slow");
    const inNamespace = timeout({ name: "slow.a", labels: { "k8s.kuma.io/namespace": "a" } });
    assert.equal(foretoldBy("renamed-by-sync", inNamespace), "becomes slow-<hash>");
    const other = timeout({ name: "slow.b", labels: { "k8s.kuma.io/namespace": "a" } });
    assert.equal(foretoldBy("renamed-by-sync", other), "becomes slow.b-<hash>");
    const named = timeout({ labels: { "kuma.io/display-name": "slow" } });
    assert.equal(foretoldBy("renamed-by-sync", named), "becomes slow-<hash>");
    assert.equal(foretoldBy("name-kept-in-label", named), undefined);
    const key = globalSecret("zone-token-signing-key-1");
    assert.equal(foretoldBy("renamed-by-sync", key), undefined);
    assert.equal(
      foretoldBy("name-kept-in-label", key),
      "gets kuma.io/display-name: zone-token-signing-key-1",
    );
    for (const kept of [secret(), { type: "Mesh", name: "m" }])
      for (const code of ["renamed-by-sync", "name-kept-in-label"])
        assert.equal(foretoldBy(code, kept), undefined);
  });

  it("foretells nothing of what stays the zone's", () => {
    const stays = [
      ...["Config", "Dataplane", "HostnameGenerator", "MeshService", "Workload", "MeshZoneAddress"],
      ...["Zone", "ZoneIngress", "ZoneEgress", "MeshTrust"],
    ].map((type) => timeout({ type }));
    for (const each of [
      ...stays,
      policy(),
      timeout({ labels: GLOBAL }),
      timeout({ labels: { "kuma.io/kds-sync": "disabled" } }),
    ])
      for (const code of ["renamed-by-sync", "name-kept-in-label", "owned-by-global", "mesh-label"])
        assert.equal(foretoldBy(code, each), undefined, `${code} ${each.type}`);
    assert.equal(
      foretoldBy("owned-by-global", timeout({ labels: { "kuma.io/kds-sync": "enabled" } })),
      "kuma.io/origin: global",
    );
  });
});

describe("kuma/ledger/rules/names: comes-from-the-global", () => {
  const code = "comes-from-the-global";

  it("explains what is new and says that it is the global's", () => {
    assert.deepEqual(explainedBy(code, [], [copied(timeout())]), ["new"]);
    assert.deepEqual(explainedBy(code, [], [timeout({ labels: ofZone })]), []);
    assert.deepEqual(explainedBy(code, [], [timeout()]), []);
    assert.deepEqual(explainedBy(code, [], [globalSecret("zone-token-signing-public-key-1", GLOBAL)]), []);
    assert.deepEqual(explainedBy(code, [], [globalSecret("partner", GLOBAL)]), ["new"]);
    const inMesh = secret({ name: "zone-token-signing-public-key-1", labels: GLOBAL });
    assert.deepEqual(explainedBy(code, [], [inMesh]), ["new"]);
    assert.deepEqual(explainedBy(code, [timeout()], [timeout({ labels: GLOBAL })]), []);
  });

  it("does not explain what the zone goes on owning, which would be in force twice", () => {
    const copy = copied(policy({ labels: {} }));
    assert.deepEqual(explainedBy(code, [policy()], [policy(), copy]), []);
    assert.deepEqual(explainedBy(code, [policy()], [policy(), { ...copy, spec: { to: [1] } }]), ["new"]);
    const another = policy({ labels: GLOBAL });
    assert.deepEqual(explainedBy(code, [another], [another, copy]), ["new"], "the first is the global's too");
    const [ofGlobal, own] = [copied(policy({ mesh: undefined, labels: {} })), policy({ mesh: undefined })];
    assert.deepEqual(explainedBy(code, [own], [own, ofGlobal]), [], "one of no mesh");
    const ofOtherMesh = policy({ mesh: "n" });
    assert.deepEqual(explainedBy(code, [ofOtherMesh], [ofOtherMesh, copy]), ["new"]);
  });

  it("explains the policies that every control plane makes with a mesh", () => {
    for (const prefix of ["mesh-circuit-breaker", "mesh-retry", "mesh-timeout", "mesh-gateways-timeout"]) {
      const explained = (name: string) =>
        explainedBy(code, [policy({ name })], [policy({ name }), copied(policy({ name, labels: {} }))]);
      assert.deepEqual(explained(`${prefix}-all-m`), ["new"], prefix);
      assert.deepEqual(explained(`${prefix}-all-n`), [], prefix);
    }
    const users = policy({ name: "-all-m" });
    assert.deepEqual(explainedBy(code, [users], [users, copied({ ...users, labels: {} })]), []);
  });
});

describe("kuma/ledger/rules/names: first-name-again", () => {
  const code = "first-name-again";
  const explained = (before: Resource, after: Resource) =>
    explainedBy(code, [before], [after], { occasion: "back" });

  it("explains that a copy of a former global has the name again that it had there, and other labels of Kuma's", () => {
    const was = copied(timeout({ labels: { team: "a" } }), { "kuma.io/mesh": "m" });
    const is = timeout({
      labels: { team: "b", "k8s.kuma.io/namespace": "kuma-system", "kuma.io/zone": "z" },
    });
    assert.deepEqual(explained(was, is), [
      "renamed",
      "labels.k8s.kuma.io/namespace",
      "labels.kuma.io/display-name",
      "labels.kuma.io/mesh",
      "labels.kuma.io/origin",
    ]);
  });

  it("explains no other name, and none of what was no copy", () => {
    const other = { ...copied(timeout()), name: `slow-${"x".repeat(16)}` };
    assert.deepEqual(explained(copied(timeout()), other), []);
    assert.deepEqual(
      explained(timeout({ name: "was", labels: { "kuma.io/display-name": "slow" } }), timeout()),
      [],
    );
  });
});

describe("kuma/ledger/rules/names: of-another-zone", () => {
  const code = "of-another-zone";
  const ofOther = { ...GLOBAL, "kuma.io/zone": "zone-2" };
  const service = (labels: Record<string, string>) => timeout({ type: "MeshService", labels });

  it("explains that a copy of what another zone has goes when the zone joins, and of nothing else", () => {
    for (const type of ["MeshService", "MeshZoneAddress", "ZoneIngress"])
      assert.deepEqual(explainedBy(code, [timeout({ type, labels: ofOther })], []), ["gone"]);
    assert.deepEqual(explainedBy(code, [], [service(ofOther)]), []);
    for (const kept of [
      service(GLOBAL),
      service({ ...GLOBAL, "kuma.io/zone": "zone-1" }),
      service({ ...ofZone, "kuma.io/zone": "zone-2" }),
      policy({ labels: ofOther }),
      timeout({ labels: ofOther }),
    ])
      assert.deepEqual(explainedBy(code, [kept], []), [], JSON.stringify(kept));
  });

  it("foretells it", () => {
    assert.equal(
      foretoldBy(code, service(ofOther)),
      "goes, unless zone zone-2 is a member of the same global",
    );
    assert.equal(foretoldBy(code, service(GLOBAL)), undefined);
  });
});
