import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  ControlPlane,
  Manifest,
  Resource,
  asGlobals,
  describePolicies,
  giveBack,
  handOver,
  isKumaError,
  keyOf,
  manifestOf,
  planPolicies,
  sameContent,
  selectPolicies,
  userKey,
} from "../../../kuma";
import { namedFirst } from "../../../kuma/policies/profile/references";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { FakeKds, inZone } from "../../support/controlPlane/fakeKds";
import { DEADLINE_MS } from "../../support/until";

const QUICK = { deadlineMs: DEADLINE_MS, intervalMs: 1 };
const NO_CLUSTER = { systemNamespace: undefined };

function timeout(name: string, more: Record<string, unknown> = {}): Resource {
  const spec = { targetRef: { kind: "Mesh" }, to: [{ targetRef: { kind: "Mesh" }, default: { name } }] };
  return { type: "MeshTimeout", mesh: "default", name, spec, ...more };
}

const permission: Resource = {
  type: "MeshTrafficPermission",
  mesh: "default",
  name: "everyone",
  spec: { targetRef: { kind: "Mesh" } },
};

describe("kuma/profile: what becomes the global's", () => {
  const select = (own: Resource[], others: Resource[] = [], place: { systemNamespace?: string } = {}) =>
    selectPolicies(own, [...own, ...others], { ...NO_CLUSTER, ...place });
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
    const { handedOver, staying } = select([own], [], { systemNamespace: "kuma-system" });
    assert.deepEqual(handedOver, [{ ...timeout("a.kuma-system"), name: "a", labels: { team: "x" } }]);
    assert.deepEqual(staying, []);
  });

  it("is none of another namespace than the system's", () => {
    const own = inZone(timeout("a.shop"), { "kuma.io/display-name": "a", "k8s.kuma.io/namespace": "shop" });
    assert.deepEqual(reasons([own], [], { systemNamespace: "kuma-system" }), {
      "MeshTimeout default/a.shop":
        "it belongs to the namespace shop; a global takes policies in its system namespace only",
    });
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

  it("may have a field that only begins like one that is appended", () => {
    assert.deepEqual(reasons([inZone(timeout("a", { spec: { appendix: [1], append: true } }))]), {});
  });

  it("is none that names something of the zone's, and none that such a one names or that names it", () => {
    const service = inZone({ type: "MeshService", mesh: "default", name: "backend" });
    const to = (kind: string, name: string) => ({ spec: { to: [{ targetRef: { kind, name } }] } });
    const route = inZone({
      type: "MeshHTTPRoute",
      mesh: "default",
      name: "r",
      ...to("MeshService", "backend"),
    });
    const onRoute = inZone(timeout("on-route", to("MeshHTTPRoute", "r")));
    const free = inZone(timeout("free", to("MeshService", "not_a_resource_svc_80")));
    assert.deepEqual(reasons([onRoute, route, free], [service]), {
      "MeshHTTPRoute default/r":
        "it names MeshService default/backend, which is the zone's; a policy of the global's names the global's",
      "MeshTimeout default/on-route": "it names MeshHTTPRoute default/r, which stays",
    });
    assert.deepEqual(reasons([onRoute, { ...route, spec: {} }, free], [service]), {});
    const patch = inZone(
      timeout("patch", {
        spec: { targetRef: { kind: "MeshHTTPRoute", name: "r" }, default: { appendX: [] } },
      }),
    );
    assert.deepEqual(Object.keys(reasons([patch, { ...route, spec: {} }, onRoute])).sort(), [
      "MeshHTTPRoute default/r",
      "MeshTimeout default/on-route",
      "MeshTimeout default/patch",
    ]);
  });

  it("goes in an order in which what is named comes before what names it", () => {
    const named = (name: string, ...names: string[]) =>
      timeout(name, {
        spec: { to: names.map((each) => ({ targetRef: { kind: "MeshTimeout", name: each } })) },
      });
    const groups = namedFirst([
      named("c", "b", "a"),
      named("b", "a"),
      named("a"),
      named("d", "gone"),
      named("e", "e"),
    ]);
    assert.deepEqual(
      groups.map((group) => group.map(({ name }) => name)),
      [["a", "d", "e"], ["b"], ["c"]],
    );
    assert.equal(namedFirst([named("x", "y"), named("y", "x")]).flat().length, 2, "also in a circle");
  });
});

describe("kuma/profile: between two control planes", () => {
  let zone: FakeControlPlane;
  let global: FakeControlPlane;
  let kds: FakeKds;

  beforeEach(start);
  afterEach(stopFakes);

  async function start(): Promise<void> {
    zone = await FakeControlPlane.start({
      config: { mode: "zone", multizone: { zone: { name: "zone-1", globalAddress: "grpcs://g:5685" } } },
    });
    global = await FakeControlPlane.start();
    kds = new FakeKds(global, zone);
  }

  const sides = () => ({ zoneName: "zone-1", zone: clientOf(zone, FEW), global: clientOf(global, FEW) });
  const plan = (onConflict: "fail" | "keepGlobal" | "overwrite" = "fail", known: Manifest = {}) =>
    planPolicies({ ...sides(), onConflict }, known);
  const move = (policies: readonly Resource[], before: Manifest = {}, more: object = {}) =>
    handOver(sides(), { policies, before, onConflict: "fail", onDrift: "repairMissing", ...more }, QUICK);
  const own = () => [...zone.store.values()].filter(({ labels }) => labels?.["kuma.io/origin"] === "zone");

  it("tells what would be done, with the zones that get the policies too, and whose order may change", async () => {
    zone.add(inZone(timeout("a")), inZone(timeout("p", { spec: { default: { appendX: [] } } })));
    global.add(timeout("of-the-global"), { type: "Zone", name: "zone-1" }, { type: "Zone", name: "zone-2" });
    const text = describePolicies(await plan(), "zone-1");
    assert.match(text, /^zone zone-1: 1 policies become the global's$/m);
    assert.match(text, /^ {2}create on the global, then retire in the zone: MeshTimeout default\/a$/m);
    assert.match(text, /^ {2}stays the zone's: MeshTimeout default\/p \(the field appendX/m);
    assert.match(text, /^warning: zone zone-1: .*: zone-2 will have these policies too/m);
    assert.match(text, /^warning: zone zone-1: of two policies .*MeshTimeout default\/of-the-global$/m);
    assert.deepEqual([...zone.writes, ...global.writes], []);
  });

  it("stops before anything is written where the global has other content, and does as it is told", async () => {
    zone.add(inZone(timeout("a")));
    global.add(timeout("a", { spec: { other: true } }));
    await assert.rejects(plan(), (error) => {
      assert.ok(isKumaError(error, "conflict"));
      assert.match(
        error.message,
        /nothing was written: 1 of them .* {2}MeshTimeout default\/a: differs in spec/s,
      );
      return true;
    });
    assert.deepEqual([...zone.writes, ...global.writes], []);
    kds.everything();
    const { handedOver } = await plan("keepGlobal");
    const handed = await move(handedOver, {}, { onConflict: "keepGlobal" });
    assert.deepEqual(handed, manifestOf([timeout("a", { spec: { other: true } })]));
    assert.deepEqual(own(), []);
    assert.deepEqual(global.writes, []);
  });

  it("does not take for news what came back as it was, and retires it again whatever the global has by now", async () => {
    const a = timeout("a");
    zone.add(inZone(a));
    global.add(timeout("a", { spec: { changedSince: true } }));
    kds.everything();
    const { planned } = await plan("fail", manifestOf([a]));
    assert.deepEqual(planned, []);
    await move([a], manifestOf([a]));
    assert.deepEqual(own(), []);
    assert.deepEqual(global.writes, []);
  });

  it("deletes nothing in a zone to which no copy comes", async () => {
    zone.add(inZone(timeout("a")));
    const args = { policies: [timeout("a")], before: {}, onConflict: "fail", onDrift: "report" } as const;
    await assert.rejects(handOver(sides(), args, { deadlineMs: 50, intervalMs: 10 }), (error) => {
      assert.ok(isKumaError(error, "gate"));
      assert.match(
        error.message,
        /does not hold the global's copy of MeshTimeout default\/a after 0.05 s\. Nothing was deleted/,
      );
      return true;
    });
    assert.deepEqual(zone.writes, []);
  });

  it("says what is where, if the copies go while the zone's own are deleted, and once they are back has nothing to do", async () => {
    zone.add(inZone(timeout("a")), inZone(timeout("b")));
    global.add(timeout("a"), timeout("b"));
    kds.everything();
    // somebody deletes one on the global just then, and KDS takes its copy away
    zone.fail(
      ({ method, path }) =>
        method === "DELETE" && path.endsWith("/b") && global.store.delete("MeshTimeout default/a"),
      {},
    );
    const policies = [timeout("a"), timeout("b")];
    await assert.rejects(move(policies), (error) => {
      assert.ok(isKumaError(error, "gate"));
      assert.equal(
        error.message,
        "Zone zone-1 does not hold the global's copy of MeshTimeout default/a. The global had it when the zone's own was deleted, and the state keeps a copy. " +
          "Is the zone connected (npm run status)? Run it again once it is: it goes on from what is there.",
      );
      return true;
    });
    assert.deepEqual(own(), []);
    global.add(timeout("a"));
    kds.everything();
    assert.deepEqual(await move(policies), manifestOf(policies));
  });

  it("puts back on the global what was deleted there, where the stack repairs that, unless it is told to accept it", async () => {
    kds.everything();
    const handed = manifestOf([timeout("a")]);
    await move([timeout("a")], handed, { isAccepted: (key: string) => key === "MeshTimeout default/a" });
    assert.deepEqual(global.writes, []);
    assert.deepEqual(await move([timeout("a")], handed), handed);
    assert.deepEqual([...global.store.keys()], ["MeshTimeout default/a"]);
  });

  it("goes on where somebody else deletes the zone's own meanwhile", async () => {
    zone.add(inZone(timeout("a")));
    kds.everything();
    let reads = 0;
    zone.fail(({ method, path }) => {
      const isRead = method === "GET" && path.includes("/meshtimeouts");
      // to see what there is, and that the copy is there; then it is compared with what was recorded
      if (isRead && ++reads === 3) zone.store.delete("MeshTimeout default/a");
      return false;
    }, {});
    assert.deepEqual(await move([timeout("a")]), manifestOf([timeout("a")]));
    assert.ok(reads >= 3);
  });

  it("leaves in the zone what was deleted on the global, where the stack only reports that", async () => {
    zone.add(inZone(timeout("a")));
    await move([timeout("a")], manifestOf([timeout("a")]), { onDrift: "report" });
    assert.deepEqual([...zone.writes, ...global.writes], []);
  });

  it("gives back what was changed on the global as it is there now", async () => {
    const changed = timeout("a", { spec: { changedSince: true } });
    global.add(changed);
    kds.everything();
    kds.run(() => 3);
    const { returned, changed: told } = await giveBack(
      sides(),
      { policies: [timeout("a")], added: ["MeshTimeout default/a"], leaveOnGlobal: false },
      QUICK,
    );
    assert.deepEqual([returned, told], [["MeshTimeout default/a"], ["MeshTimeout default/a"]]);
    assert.ok(sameContent(own()[0], changed));
    assert.equal(global.store.size, 0);
  });

  it("leaves on the global what is neither as it was written there nor as the zone has it, and what is a zone's", async () => {
    global.add(timeout("a", { spec: { of: "somebody" } }));
    global.add(timeout("b", { labels: { "kuma.io/origin": "zone", "kuma.io/zone": "zone-2" } }));
    zone.add(inZone(timeout("a")), inZone(timeout("b")));
    const policies = [timeout("a"), timeout("b")];
    const added = policies.map(keyOf);
    const { strange } = await giveBack(sides(), { policies, added, leaveOnGlobal: false }, QUICK);
    assert.deepEqual(strange, added);
    assert.deepEqual(global.writes, []);
  });

  it("deletes nothing in the zone that was changed there while it was handed over", async () => {
    zone.add(inZone(timeout("a", { spec: { changed: true } })));
    global.add(timeout("a"));
    kds.everything();
    kds.run(() => 3);
    const args = { policies: [timeout("a")], before: {}, onConflict: "fail", onDrift: "report" } as const;
    await assert.rejects(handOver(sides(), args, QUICK), (error) => {
      assert.ok(isKumaError(error, "gate"));
      assert.match(
        error.message,
        /were changed in it while they were handed over: MeshTimeout default\/a\. Nothing was deleted/,
      );
      return true;
    });
    assert.deepEqual(zone.writes, []);
  });

  it("leaves on the global what other zones rely on, and what was there before", async () => {
    global.add(timeout("a"), timeout("b"));
    kds.everything();
    kds.run(() => 3);
    const policies = [timeout("a"), timeout("b")];
    const added = ["MeshTimeout default/a"];
    const { left } = await giveBack(sides(), { policies, added, leaveOnGlobal: true }, QUICK);
    assert.deepEqual(left, added);
    assert.equal(global.store.size, 2);
    assert.equal(own().length, 2);
    await giveBack(sides(), { policies, added, leaveOnGlobal: false }, QUICK);
    assert.deepEqual([...global.store.keys()], ["MeshTimeout default/b"]);
  });

  it("never leaves the zone without a policy, whatever KDS takes, wherever a run ends, and on the way back", async () => {
    const names = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"), { minLength: 1 });
    const arbitrary = fc.record({
      policies: names.map((found): Resource[] => [...found.map((name) => timeout(name)), permission]),
      onGlobal: fc.array(fc.nat(4), { maxLength: 2 }),
      pace: fc.array(fc.constantFrom(0, 0, 0, 0, 1, 3), { minLength: 1, maxLength: 12 }),
      endsAt: fc.nat(40),
      way: fc.constantFrom("again", "back"),
    });
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ policies, onGlobal, pace, endsAt, way }) => {
        await stopFakes();
        await start();
        const there = policies.filter((_, index) => onGlobal.includes(index));
        global.add(...there);
        zone.add(...policies.map((policy) => inZone(policy)));
        const lacking: string[] = [];
        let request = 0;
        let end = endsAt;
        kds.everything();
        kds.run(() => {
          const held = [...zone.store.values()];
          const isThere = (policy: Resource) => held.some((each) => sameContent(asGlobals(each), policy));
          const without = policies.filter((policy) => !isThere(policy)).map(keyOf);
          if (without.length > 0) lacking.push(`${without} at request ${request}`);
          return pace[request % pace.length] + (request++ % 12 === 0 ? 1 : 0);
        });
        const over = () => request > end;
        for (const side of [zone, global]) side.fail(over, { ending: "cut" }, Infinity);

        const planned = await plan().catch(() => undefined);
        if (planned) {
          const added = planned.planned.filter(({ action }) => action === "create").map(({ key }) => key);
          const first = await move(planned.handedOver).then(
            () => true,
            () => false,
          );
          end = Infinity;
          if (way === "again" && !first) await move(planned.handedOver);
          if (way === "again") assert.deepEqual(own(), []);
          await giveBack(sides(), { policies: planned.handedOver, added, leaveOnGlobal: false }, QUICK);
        }
        assert.deepEqual(lacking, []);
        assert.deepEqual(
          own()
            .map((policy) => keyOf(userKey(policy)))
            .sort(),
          policies.map(keyOf).sort(),
        );
        assert.deepEqual([...global.store.keys()].sort(), there.map(keyOf).sort());
      }),
      { numRuns: 60 },
    );
  });
});

/** A run that has ended asks no second time. */
const FEW: Partial<ControlPlane["address"]> = { attempts: 1 };
