import * as assert from "node:assert/strict";
import { Resource } from "../../../../kuma";
import { copied, explainedBy, foretoldBy, ofZone, policy, secret, timeout } from "../records";

const GLOBAL = { "kuma.io/origin": "global" };
const [ORIGIN, ZONE, ENV, MESH] = ["origin", "zone", "env", "mesh"].map((name) => `labels.kuma.io/${name}`);
const ON_KUBERNETES = { environment: "kubernetes", store: "kubernetes" } as const;
const globalSecret = (name: string, labels?: Record<string, string>): Resource => ({
  ...{ type: "GlobalSecret", name, data: "a" },
  ...(labels && { labels }),
});
type Labels = Record<string, string>;
/** What a rule explains of the labels of one resource. */
const relabelled = (code: string, of: Resource, was: Labels, is: Labels, around = {}) =>
  explainedBy(code, [{ ...of, labels: was }], [{ ...of, labels: is }], around);

describe("kuma/ledger/rules/labels: when a zone joins", () => {
  it("owned-by-global explains the new origin of what was nobody's, and of the zone's secrets", () => {
    const code = "owned-by-global";
    assert.deepEqual(relabelled(code, timeout(), {}, GLOBAL), [ORIGIN]);
    assert.deepEqual(relabelled(code, secret(), ofZone, { ...ofZone, ...GLOBAL }), [ORIGIN]);
    assert.deepEqual(relabelled(code, globalSecret("a"), ofZone, { ...ofZone, ...GLOBAL }), [ORIGIN]);
    assert.deepEqual(relabelled(code, policy(), ofZone, { ...ofZone, ...GLOBAL }), []);
    assert.deepEqual(relabelled(code, secret(), { "kuma.io/origin": "mine" }, GLOBAL), []);
    assert.deepEqual(relabelled(code, timeout(), {}, ofZone), []);
    assert.deepEqual(relabelled(code, timeout(), GLOBAL, {}), []);
    assert.deepEqual(relabelled(code, timeout(), {}, { "kuma.io/zone": "global" }), []);
    assert.equal(foretoldBy(code, timeout()), "kuma.io/origin: global");
    assert.equal(foretoldBy(code, policy()), undefined);
  });

  it("foretells of secrets what a new store lets come, and of those that no global sends nothing", () => {
    const code = "owned-by-global";
    assert.equal(foretoldBy(code, secret()), "kuma.io/origin: global");
    assert.equal(foretoldBy(code, secret({ labels: ofZone })), "kuma.io/origin: global");
    assert.equal(foretoldBy(code, secret(), { store: "postgres" }), "kuma.io/origin: global");
    assert.equal(foretoldBy(code, secret(), { store: "file" }), undefined);
    assert.equal(foretoldBy(code, secret(), { store: "kubernetes" }), undefined);
    for (const name of [
      ...["envoy-admin-ca", "inter-cp-ca", "admin-user-token", "user-token-revocations"],
      ...["user-token-signing-key-1", "user-token-signing-key-12"],
    ]) {
      assert.equal(foretoldBy(code, globalSecret(name)), undefined, name);
      assert.equal(foretoldBy(code, secret({ name })), "kuma.io/origin: global", name);
      assert.equal(foretoldBy(code, globalSecret(`my-${name}`)), "kuma.io/origin: global", name);
    }
    assert.equal(foretoldBy(code, globalSecret("inter-cp-ca-2")), "kuma.io/origin: global");
  });

  it("zone-labels-left-behind explains the zone's own labels of what is the global's now", () => {
    const code = "zone-labels-left-behind";
    assert.deepEqual(relabelled(code, secret(), ofZone, GLOBAL), [ENV, ZONE]);
    assert.deepEqual(relabelled(code, secret(), ofZone, { "kuma.io/origin": "zone" }), [], "still its own");
    assert.deepEqual(relabelled(code, secret(), ofZone, {}), []);
    const others = { ...ofZone, "kuma.io/zone": "zone-2", "kuma.io/env": "kubernetes" };
    assert.deepEqual(relabelled(code, secret(), others, GLOBAL), [], "another zone's");
    assert.deepEqual(relabelled(code, secret(), others, GLOBAL, { fields: ON_KUBERNETES }), [ENV]);
    const written = { "kuma.io/zone": "zone-1", "kuma.io/env": "universal" };
    assert.deepEqual(relabelled(code, timeout(), written, GLOBAL), [ZONE], "env is a user's there");
    assert.deepEqual(relabelled(code, secret(), ofZone, { ...GLOBAL, "kuma.io/zone": "zone-2" }), [ENV]);
    assert.deepEqual(relabelled(code, secret(), { "kuma.io/origin": "zone-1" }, {}), []);
  });

  it("zone-labels-left-behind is foretold of the zone's own secrets", () => {
    const code = "zone-labels-left-behind";
    assert.equal(foretoldBy(code, secret({ labels: ofZone })), "loses kuma.io/zone and kuma.io/env");
    assert.equal(foretoldBy(code, secret()), undefined);
    assert.equal(foretoldBy(code, policy()), undefined);
    assert.equal(foretoldBy(code, secret({ labels: ofZone }), { store: "kubernetes" }), undefined);
    assert.equal(foretoldBy(code, globalSecret("inter-cp-ca", ofZone)), undefined);
  });

  it("made-anew-without-labels explains labels of what each start makes", () => {
    const code = "made-anew-without-labels";
    const generator = (name: string): Resource => ({ type: "HostnameGenerator", name, spec: {} });
    for (const of of [globalSecret("admin-user-token"), generator("local-mesh-service")]) {
      assert.deepEqual(relabelled(code, of, ofZone, {}), [ENV, ORIGIN, ZONE]);
      assert.deepEqual(relabelled(code, of, ofZone, {}, { fields: { store: "kubernetes" } }), []);
      assert.deepEqual(relabelled(code, of, ofZone, GLOBAL), []);
      assert.deepEqual(relabelled(code, of, { ...ofZone, "kuma.io/origin": "mine" }, {}), [ENV, ZONE]);
      assert.deepEqual(relabelled(code, of, ofZone, { ...ofZone, "kuma.io/zone": "zone-2" }), []);
      assert.deepEqual(relabelled(code, of, { ...ofZone, "kuma.io/zone": "zone-2" }, {}), [ENV, ORIGIN]);
      assert.equal(foretoldBy(code, { ...of, labels: ofZone }), "loses labels that it got on the way back");
      assert.equal(foretoldBy(code, of), undefined);
      assert.equal(foretoldBy(code, { ...of, labels: { team: "a" } }), undefined);
      assert.equal(foretoldBy(code, { ...of, labels: ofZone }, { store: "kubernetes" }), undefined);
    }
    for (const of of [
      ...[
        generator("mine"),
        generator("my-local-one"),
        timeout({ name: "local-timeout" }),
        globalSecret("partner"),
      ],
    ]) {
      assert.deepEqual(relabelled(code, of, ofZone, {}), [], of.name);
      assert.equal(foretoldBy(code, { ...of, labels: ofZone }), undefined, of.name);
    }
  });

  it("mesh-label explains the name of the mesh, where there was none", () => {
    const code = "mesh-label";
    assert.deepEqual(relabelled(code, timeout(), {}, { "kuma.io/mesh": "m" }), [MESH]);
    assert.deepEqual(relabelled(code, timeout(), {}, { "kuma.io/mesh": "n" }), []);
    assert.deepEqual(relabelled(code, timeout(), { "kuma.io/mesh": "n" }, { "kuma.io/mesh": "m" }), []);
    assert.deepEqual(relabelled(code, timeout(), { "kuma.io/mesh": "m" }, {}), []);
    assert.equal(foretoldBy(code, timeout()), "gets kuma.io/mesh: m");
    assert.equal(foretoldBy(code, timeout({ labels: { "kuma.io/mesh": "m" } })), undefined);
    assert.equal(foretoldBy(code, timeout({ mesh: undefined })), undefined);
    assert.equal(foretoldBy(code, policy()), undefined);
  });
});

describe("kuma/ledger/rules/labels: hand-over, and what is written back", () => {
  it("policy-owned-by-global explains the labels of a policy that was handed over", () => {
    const code = "policy-owned-by-global";
    const around = { occasion: "handedOver" } as const;
    assert.deepEqual(relabelled(code, policy(), ofZone, GLOBAL, around), [ENV, ORIGIN, ZONE]);
    assert.deepEqual(relabelled(code, policy(), {}, GLOBAL, around), [], "it was not the zone's");
    assert.deepEqual(relabelled(code, policy(), ofZone, {}, around), [], "it is not the global's");
    assert.deepEqual(
      relabelled(code, policy(), { ...ofZone, "kuma.io/env": "kubernetes" }, GLOBAL, around),
      [ORIGIN, ZONE],
      "a label that is a user's",
    );
    const copy = copied(policy());
    assert.deepEqual(explainedBy(code, [policy()], [copy], around), [ORIGIN], "of the copy's labels");
  });

  it("namespace-of-global explains the system namespace of a policy that was handed over between platforms", () => {
    const code = "namespace-of-global";
    const around = { occasion: "handedOver" } as const;
    const [NAMESPACE, ROLE] = ["labels.k8s.kuma.io/namespace", "labels.kuma.io/policy-role"];
    const standsIn = (namespace: string, role = "system") => ({
      "k8s.kuma.io/namespace": namespace,
      "kuma.io/policy-role": role,
    });
    const inSystem = standsIn("kuma-system");
    const explains = (was: Labels, is: Labels) =>
      relabelled(code, policy(), { ...ofZone, ...was }, { ...GLOBAL, ...is }, around);
    assert.deepEqual(explains(inSystem, {}), [NAMESPACE, ROLE], "to a global outside a cluster");
    assert.deepEqual(explains({}, inSystem), [NAMESPACE, ROLE], "from a zone outside a cluster");
    assert.deepEqual(explains(inSystem, standsIn("kong-mesh-system")), [NAMESPACE]);
    assert.deepEqual(explains(standsIn("a", "workload-owner"), {}), [], "it would hold for more proxies");
    assert.deepEqual(explains(standsIn("a", "producer"), standsIn("b", "producer")), []);
    assert.deepEqual(explains({}, standsIn("a", "consumer")), [], "it would hold for fewer");
    assert.deepEqual(relabelled(code, policy(), inSystem, GLOBAL, around), [], "it was not the zone's");
    assert.deepEqual(relabelled(code, policy(), { ...ofZone, ...inSystem }, ofZone, around), []);
  });

  it("labelled-when-written-back explains the labels that a zone gives, on a store of its own", () => {
    const code = "labelled-when-written-back";
    const trust: Resource = { type: "MeshTrust", mesh: "m", name: "t", spec: {} };
    const back = { occasion: "back" } as const;
    assert.deepEqual(relabelled(code, trust, {}, ofZone, back), [ENV, ORIGIN, ZONE]);
    assert.deepEqual(relabelled(code, trust, {}, ofZone), [ENV, ORIGIN, ZONE]);
    const kept = { fields: { store: "kubernetes" } } as const;
    assert.deepEqual(relabelled(code, trust, {}, ofZone, kept), []);
    assert.deepEqual(relabelled(code, trust, {}, ofZone, { ...back, ...kept }), [ENV, ORIGIN, ZONE]);
    assert.deepEqual(relabelled(code, trust, {}, { ...ofZone, ...GLOBAL }, back), []);
    assert.deepEqual(relabelled(code, trust, {}, { ...ofZone, "kuma.io/zone": "b" }, back), [ENV, ORIGIN]);
    const was = { "kuma.io/origin": "a", "kuma.io/zone": "a" };
    assert.deepEqual(relabelled(code, trust, was, ofZone, back), [ENV]);
    const gets = "gets kuma.io/origin, kuma.io/zone and kuma.io/env";
    assert.equal(foretoldBy(code, trust), gets);
    assert.equal(foretoldBy(code, trust, { store: "kubernetes" }), undefined);
    assert.equal(foretoldBy(code, trust, { store: "file" }), undefined);
    assert.equal(foretoldBy(code, { ...trust, labels: ofZone }), undefined);
    assert.equal(foretoldBy(code, timeout()), undefined);
  });

  it("stays-with-origin-global explains the label in a cluster, of what keeps its name", () => {
    const code = "stays-with-origin-global";
    const around = { occasion: "back", fields: ON_KUBERNETES } as const;
    const mesh: Resource = { type: "Mesh", name: "m" };
    for (const of of [mesh, secret(), globalSecret("a")])
      assert.deepEqual(relabelled(code, of, {}, GLOBAL, around), [ORIGIN]);
    assert.deepEqual(relabelled(code, mesh, {}, GLOBAL, { occasion: "back" }), [], "not in a cluster");
    assert.deepEqual(relabelled(code, timeout(), {}, GLOBAL, around), []);
    assert.deepEqual(relabelled(code, mesh, {}, { "kuma.io/origin": "zone" }, around), []);
    assert.deepEqual(relabelled(code, mesh, { "kuma.io/origin": "zone" }, GLOBAL, around), []);
    assert.deepEqual(relabelled(code, mesh, {}, { team: "a" }, around), []);
  });

  it("origin-of-a-former-global explains that its label goes, and no other change of it", () => {
    const code = "origin-of-a-former-global";
    const around = { occasion: "back" } as const;
    const mesh: Resource = { type: "Mesh", name: "m" };
    assert.deepEqual(relabelled(code, timeout(), GLOBAL, {}, around), [], "what has another name then");
    for (const of of [mesh, secret()]) {
      assert.deepEqual(relabelled(code, of, GLOBAL, {}, around), [ORIGIN]);
      assert.deepEqual(relabelled(code, of, GLOBAL, { "kuma.io/origin": "zone" }, around), [ORIGIN]);
    }
    assert.deepEqual(relabelled(code, mesh, {}, GLOBAL, around), []);
    assert.deepEqual(relabelled(code, mesh, { "kuma.io/origin": "zone" }, {}, around), []);
    assert.deepEqual(relabelled(code, mesh, { team: "a" }, {}, around), []);
  });

  it("labels-of-another-global explains where a copy was written, and nothing of what was the zone's", () => {
    const code = "labels-of-another-global";
    for (const label of ["k8s.kuma.io/namespace", "kuma.io/policy-role", "kuma.io/env"]) {
      const labelled = (origin: object) => ({ ...origin, [label]: "a" }) as Record<string, string>;
      assert.deepEqual(relabelled(code, timeout(), labelled(GLOBAL), GLOBAL), [`labels.${label}`]);
      assert.deepEqual(relabelled(code, timeout(), GLOBAL, labelled(GLOBAL)), [`labels.${label}`]);
      assert.deepEqual(relabelled(code, timeout(), labelled({}), GLOBAL), []);
      assert.deepEqual(relabelled(code, timeout(), labelled(GLOBAL), {}), []);
    }
    assert.deepEqual(relabelled(code, timeout(), { ...GLOBAL, team: "a" }, GLOBAL), []);
  });
});
