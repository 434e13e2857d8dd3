import * as assert from "node:assert/strict";
import { Resource, asGlobals, selectPolicies } from "../../../../kuma";
import { inZone } from "../../../support/controlPlane/fakeKds";
import { naming, route, timeout } from "./twoSides";

const IN_CLUSTER = { systemNamespace: "kuma-system" };

describe("kuma/policies/profile: what becomes the global's", () => {
  const select = (own: Resource[], others: Resource[] = [], place: { systemNamespace?: string } = {}) =>
    selectPolicies(own, [...own, ...others], { systemNamespace: undefined, ...place });
  const reasons = (own: Resource[], others?: Resource[], place?: { systemNamespace?: string }) =>
    Object.fromEntries(select(own, others, place).staying.map(({ key, reason }) => [key, reason]));

  it("is a policy as a user would write it, under the name that users know", () => {
    const own = inZone(timeout("a.kuma-system"), {
      "kuma.io/display-name": "a",
      "kuma.io/zone": "zone-1",
      "kuma.io/env": "kubernetes",
      "k8s.kuma.io/namespace": "kuma-system",
      team: "x",
    });
    const { handedOver, staying } = select([own], [], IN_CLUSTER);
    assert.deepEqual(handedOver, [{ ...timeout("a.kuma-system"), name: "a", labels: { team: "x" } }]);
    assert.deepEqual(staying, []);
  });

  it("has no labels where the zone computed all that it had, and keeps those that are a user's there", () => {
    const env = { "kuma.io/env": "universal" };
    assert.deepEqual(select([inZone(timeout("a"), env)]).handedOver, [timeout("a")]);
    assert.deepEqual(asGlobals(inZone(timeout("a"), env)), timeout("a"));
    const labels = { "k8s.kuma.io/namespace": "shop" };
    const { handedOver, staying } = select([inZone(timeout("a"), labels)]);
    assert.deepEqual([handedOver, staying], [[timeout("a", { labels })], []], "on Universal");
  });

  it("is none of another namespace than the system's", () => {
    const own = inZone(timeout("a.shop"), { "kuma.io/display-name": "a", "k8s.kuma.io/namespace": "shop" });
    assert.deepEqual(reasons([own], [], IN_CLUSTER), {
      "MeshTimeout default/a.shop":
        "it belongs to the namespace shop; a global takes policies in its system namespace only",
    });
  });

  it("may tell no namespace, and have no labels", () => {
    assert.deepEqual(reasons([inZone(timeout("a")), timeout("b")], [], IN_CLUSTER), {});
  });

  const adding: [string, Resource, RegExp][] = [
    ["a list that is appended", timeout("a", { spec: { default: { appendMatch: [1] } } }), /appendMatch/],
    [
      "a list that is appended, deep below",
      timeout("a", { spec: { to: [{ default: { sidecar: { appendProfiles: [] } } }] } }),
      /appendProfiles/,
    ],
    ["faults", { ...timeout("a"), type: "MeshFaultInjection" }, /do more than one/],
    ["no copies", timeout("a", { labels: { "kuma.io/kds-sync": "disabled" } }), /kds-sync/],
  ];
  for (const [what, policy, reason] of adding) {
    it(`is none with ${what}`, () => {
      assert.match(Object.values(reasons([inZone(policy)]))[0], reason);
    });
  }

  it("may have a field that only resembles one that is appended, and one that is null", () => {
    const spec = { appendix: [1], append: true, reappendMatch: [1], appendNone: null, to: null };
    assert.deepEqual(reasons([inZone(timeout("a", { spec }))]), {});
  });

  const service = inZone({ type: "MeshService", mesh: "default", name: "backend" });
  const toService: [string, string] = ["MeshService", "backend"];
  const onRoute = inZone(naming("on-route", ["MeshHTTPRoute", "r"]));
  const toBackend = inZone({ ...naming("r", toService), type: "MeshHTTPRoute" });
  const free = inZone(naming("free", ["MeshService", "not_a_resource_svc_80"]));

  it("is none that names something of the zone's, and none that names such a one", () => {
    assert.deepEqual(reasons([onRoute, toBackend, free], [service]), {
      "MeshHTTPRoute default/r":
        "it names MeshService default/backend, which is the zone's; a policy of the global's names the global's",
      "MeshTimeout default/on-route": "it names MeshHTTPRoute default/r, which stays",
    });
    assert.deepEqual(reasons([onRoute, inZone(route("r")), free], [service]), {});
  });

  it("is none that is named by one that stays", () => {
    const spec = { targetRef: { kind: "MeshHTTPRoute", name: "r" }, default: { appendX: [] } };
    const patch = inZone(timeout("patch", { spec }));
    assert.deepEqual(reasons([patch, inZone(route("r")), onRoute]), {
      "MeshTimeout default/patch": "the field appendX of two policies adds up, so that it would apply twice",
      "MeshHTTPRoute default/r": "MeshTimeout default/patch names it, and stays",
      "MeshTimeout default/on-route": "it names MeshHTTPRoute default/r, which stays",
    });
  });

  it("may name what is the global's already", () => {
    const labels = { "kuma.io/origin": "global", "kuma.io/display-name": "r" };
    assert.deepEqual(reasons([onRoute], [route("r-5xv2dzb7w9c4f6x8", { labels })]), {});
  });
});
