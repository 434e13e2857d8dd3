import assert from "node:assert/strict";
import type { Resource } from "../../../kuma";
import { brokenLive } from "../../../policies/pack/held";
import type { JoiningZone, Parts } from "../../../policies/pack/world";
import { policy } from "./support";

const WHOLE = { kind: "Mesh" };
const permission = (action: string, name = "all"): Resource =>
  policy(
    "MeshTrafficPermission",
    { targetRef: WHOLE, from: [{ targetRef: WHOLE, default: { action } }] },
    { name },
  );
const patch = (name: string, labels: object = {}): Resource =>
  policy("MeshProxyPatch", { targetRef: WHOLE, default: {} }, { name, labels });
const mesh = (isEncrypted: boolean): Resource => ({
  ...{ type: "Mesh", name: "default" },
  networking: { outbound: { passthrough: false } },
  ...(isEncrypted && { mtls: { enabledBackend: "ca", backends: [{ name: "ca", type: "builtin" }] } }),
});
const proxy = (zone: string, app: string, more: object = {}): Resource => ({
  ...{ type: "Dataplane", mesh: "default", name: `${app}-${zone}` },
  labels: { "kuma.io/zone": zone, app },
  networking: { inbound: [{ tags: { "kuma.io/service": app, version: "1" } }] },
  ...more,
});
const none = { before: [], after: [] };

function broken(parts: Partial<Parts>, settings: Record<string, object> = {}): string[] {
  const found = brokenLive({ onGlobal: [], joining: [], written: none, ...parts }, settings);
  return found.map(({ rule, key, at, change }) => `${change} ${rule}: ${key} of ${at}`).sort();
}

const joins = (zoneName: string, more: Partial<JoiningZone>): JoiningZone => ({
  ...{ zoneName, brought: [], kept: [] },
  ...more,
});

describe("the rules on what is live", () => {
  it("tell what nobody touches as that, with where it is in force", () => {
    const ofZone = patch("two", { "kuma.io/origin": "zone", "kuma.io/zone": "zone-2" });
    assert.deepEqual(broken({ onGlobal: [mesh(true), patch("one"), ofZone] }), [
      "none proxy-patch-narrow: MeshProxyPatch default/one of the global",
      "none proxy-patch-narrow: MeshProxyPatch default/two of zone zone-2",
    ]);
  });

  it("take a policy of an application's namespace for one of the proxies there", () => {
    const ofZone = { "kuma.io/origin": "zone", "kuma.io/zone": "zone-2", "k8s.kuma.io/namespace": "shop" };
    const role = (name: string) => patch("one", { ...ofZone, "kuma.io/policy-role": name });
    assert.deepEqual(broken({ onGlobal: [mesh(true), role("workload-owner")] }), []);
    assert.equal(broken({ onGlobal: [mesh(true), role("system")] }).length, 1);
  });

  it("look at resources together as well, and leave to the pack what the stack's files hold", () => {
    const identity = policy("MeshIdentity", { selector: {} });
    assert.deepEqual(broken({ onGlobal: [mesh(false)] }), ["none mesh-mtls: Mesh default of the global"]);
    assert.deepEqual(broken({ onGlobal: [mesh(false), identity] }), []);
    const written = { before: [patch("one")], after: [patch("one")] };
    assert.deepEqual(broken({ onGlobal: [patch("one")], written }), []);
  });

  it("take the settings of rules", () => {
    const often = { to: [{ targetRef: WHOLE, default: { http: { numRetries: 7 } } }] };
    const settings = { "retries-bounded": { most: 8 } };
    assert.equal(broken({ onGlobal: [policy("MeshRetry", often)] }).length, 1);
    assert.deepEqual(broken({ onGlobal: [policy("MeshRetry", often)] }, settings), []);
  });

  describe("with a zone that joins", () => {
    const older: Resource = { type: "TrafficRoute", mesh: "default", name: "all" };
    const brought = (resource: Resource, overwrites = false) => [{ resource, overwrites }];

    it("count what its own proxies have already as not touched", () => {
      const joining = [joins("new", { brought: brought(older), kept: [proxy("new", "a"), patch("own")] })];
      assert.deepEqual(broken({ joining }), [
        "none proxy-patch-narrow: MeshProxyPatch default/own of zone new",
        "none ready-for-kuma-3: TrafficRoute default/all of zone new",
      ]);
    });

    it("count as brought what proxies of another zone see for the first time", () => {
      const joining = [joins("new", { brought: brought(older), kept: [proxy("new", "a")] })];
      const expected = ["brings ready-for-kuma-3: TrafficRoute default/all of the global"];
      assert.deepEqual(broken({ onGlobal: [proxy("old", "b")], joining }), expected);
      const earlier = joins("earlier", { kept: [proxy("earlier", "b")] });
      assert.deepEqual(broken({ joining: [earlier, ...joining] }), expected);
    });

    it("tell of what it overwrites whether the rule is kept today", () => {
      const open = { ...mesh(true), networking: { outbound: { passthrough: true } } };
      const joining = [joins("new", { brought: brought(open, true) })];
      const told = (change: string) => [`${change} passthrough-off: Mesh default of the global`];
      assert.deepEqual(broken({ onGlobal: [mesh(true)], joining }), told("brings"));
      assert.deepEqual(broken({ onGlobal: [{ ...open }], joining }), told("keeps"));
    });
  });

  describe("permission-left", () => {
    const change = (before: Resource[], after: Resource[]) => ({ written: { before, after } });
    const rule = "brings permission-left: Mesh default of the global";
    const only = (parts: Partial<Parts>) => broken(parts).filter((line) => line.includes("permission-left"));

    it("is broken by a change that takes the last one, or makes it deny", () => {
      const onGlobal = [mesh(true), permission("Allow")];
      assert.deepEqual(only({ onGlobal, ...change([permission("Allow")], []) }), [rule]);
      assert.deepEqual(only({ onGlobal, ...change([permission("Allow")], [permission("Deny")]) }), [rule]);
      assert.deepEqual(
        only({ onGlobal, ...change([permission("Allow")], [permission("Allow", "other")]) }),
        [],
      );
    });

    it("is broken by mTLS for a mesh that has none", () => {
      assert.deepEqual(only({ onGlobal: [mesh(false)], ...change([], [mesh(true)]) }), [rule]);
      assert.deepEqual(
        only({ onGlobal: [mesh(false), permission("Allow")], ...change([], [mesh(true)]) }),
        [],
      );
    });

    it("is kept by another one that is live, a mesh that is new or closed already, and one without mTLS", () => {
      const other = permission("Allow", "other");
      assert.deepEqual(
        only({ onGlobal: [mesh(true), permission("Allow"), other], ...change([permission("Allow")], []) }),
        [],
      );
      assert.deepEqual(only(change([], [mesh(true)])), []);
      assert.deepEqual(only({ onGlobal: [mesh(true)] }), []);
      assert.deepEqual(only({ onGlobal: [mesh(false)], ...change([permission("Allow")], []) }), []);
    });
  });

  it("mtls-kept is broken by a mesh that loses its mTLS or its MeshIdentity", () => {
    const only = (parts: Partial<Parts>) => broken(parts).filter((line) => line.includes("mtls-kept"));
    const rule = ["brings mtls-kept: Mesh default of the global"];
    const identity = policy("MeshIdentity", { selector: {} });
    assert.deepEqual(only({ onGlobal: [mesh(true)], written: { before: [], after: [mesh(false)] } }), rule);
    assert.deepEqual(
      only({ onGlobal: [mesh(false), identity], written: { before: [identity], after: [] } }),
      rule,
    );
    assert.deepEqual(
      only({ onGlobal: [mesh(true), identity], written: { before: [identity], after: [] } }),
      [],
    );
    assert.deepEqual(only({ onGlobal: [mesh(true)], written: { before: [mesh(true)], after: [] } }), []);
  });

  describe("target-exists", () => {
    const selected = (targetRef: object, proxies = [proxy("one", "redis")]) =>
      broken({
        onGlobal: proxies,
        written: { before: [], after: [policy("MeshTimeout", { targetRef, to: [] })] },
      }).filter((line) => line.includes("target-exists"));
    const rule = ["brings target-exists: MeshTimeout default/one of the global"];

    for (const [title, right, wrong] of [
      [
        "labels",
        { kind: "Dataplane", labels: { app: "redis" } },
        { kind: "Dataplane", labels: { app: "reddis" } },
      ],
      ["a name", { kind: "Dataplane", name: "redis-one" }, { kind: "Dataplane", name: "nobody" }],
      [
        "tags",
        { kind: "MeshSubset", tags: { version: "1" } },
        { kind: "MeshSubset", tags: { version: "2" } },
      ],
      ["a service", { kind: "MeshService", name: "redis" }, { kind: "MeshService", name: "reddis" }],
    ] as const)
      it(`is broken by ${title} that no proxy has`, () => {
        assert.deepEqual(selected(right), []);
        assert.deepEqual(selected(wrong), rule);
      });

    it("is not asked of a mesh without proxies, nor of what is told by more than the proxy", () => {
      assert.deepEqual(selected({ kind: "Dataplane", labels: { app: "no" } }, []), []);
      assert.deepEqual(selected({ kind: "MeshGateway", name: "no" }), []);
      assert.deepEqual(selected(WHOLE), []);
    });

    it("looks at the tags of one inbound together, and at proxies of zones that join", () => {
      const inbound = [{ tags: { a: "1" } }, { tags: { b: "1" } }];
      const two = proxy("one", "x", { networking: { inbound } });
      assert.deepEqual(selected({ kind: "MeshSubset", tags: { a: "1", b: "1" } }, [two]), rule);
      const after = [policy("MeshTimeout", { targetRef: { kind: "Dataplane", labels: { app: "late" } } })];
      const joining = [joins("new", { kept: [proxy("new", "late")] })];
      assert.deepEqual(broken({ joining, written: { before: [], after } }), []);
    });

    it("is not asked of what the change does not touch", () => {
      const gone = policy("MeshTimeout", { targetRef: { kind: "Dataplane", labels: { app: "gone" } } });
      assert.deepEqual(broken({ onGlobal: [gone, proxy("one", "redis")] }), []);
    });
  });
});
