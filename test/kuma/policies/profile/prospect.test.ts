import * as assert from "node:assert/strict";
import { EarlierZone, Resource, describePolicies, keyOf, manifestOf, planPolicies } from "../../../../kuma";
import { kumaErrorOf } from "../../../support/errors";
import { FakeControlPlane, clientOf, stopFakes } from "../../../support/controlPlane/fakeControlPlane";
import { inZone } from "../../../support/controlPlane/fakeKds";
import { TwoSides, route, timeout } from "./twoSides";

const other = (name: string) => timeout(name, { spec: { other: true } });
const NOTHING = { handedOver: [], staying: [], planned: [], warnings: [] };

describe("kuma/policies/profile: what is told before anything is handed over", () => {
  let two: TwoSides;
  beforeEach(async () => (two = await TwoSides.start()));
  afterEach(stopFakes);

  const zonesOf = (...names: string[]): Resource[] => names.map((name) => ({ type: "Zone", name }));
  const earlier = (zoneName: string, ...resources: Resource[]): EarlierZone => ({
    zoneName,
    plan: {
      resources: resources.map((resource) => ({ key: keyOf(resource), action: "create", resource })),
    },
    kept: [],
  });

  it("is what would be done, with the zones that get the policies too, and whose order may change", async () => {
    two.zone.add(inZone(timeout("a")), inZone(timeout("p", { spec: { default: { appendX: [] } } })));
    two.global.add(timeout("of-the-global"), ...zonesOf("zone-1", "zone-2"));
    assert.equal(
      describePolicies(await two.plan(), "zone-1"),
      [
        "zone zone-1: 1 policies become the global's",
        "  create on the global, then retire in the zone: MeshTimeout default/a",
        "  stays the zone's: MeshTimeout default/p (the field appendX of two policies adds up, so that it would apply twice)",
        "warning: zone zone-1: what is the global's is every zone's: zone-2 will have these policies too, in the same meshes",
        "warning: zone zone-1: of two policies whose targetRef is of one kind, the zone's came before the global's until now; " +
          "from now on the one whose name comes first in the alphabet does. The global has of these types: MeshTimeout default/of-the-global",
      ].join("\n"),
    );
    assert.deepEqual(two.writes, []);
  });

  it("is no resource of a type that stays a zone's, and no policy of another zone", async () => {
    const ofAnother = { "kuma.io/zone": "zone-2" };
    const service = { type: "MeshService", mesh: "default", name: "backend" };
    two.zone.add(inZone(timeout("a")), inZone(timeout("b"), ofAnother), inZone(service));
    const { handedOver, staying } = await two.plan();
    assert.deepEqual([handedOver, staying], [[timeout("a")], []]);
  });

  it("is what is new alone", async () => {
    two.zone.add(inZone(timeout("a")), inZone(timeout("b")));
    const { handedOver, planned } = await two.plan("fail", manifestOf([timeout("a")]));
    assert.deepEqual(handedOver, [timeout("b")]);
    assert.deepEqual(
      planned.map(({ key, action }) => [key, action]),
      [["MeshTimeout default/b", "create"]],
    );
  });

  it("is nothing where all is known, and the global is not asked then", async () => {
    two.zone.add(inZone(timeout("a")));
    assert.deepEqual(await two.plan("fail", manifestOf([timeout("a")])), NOTHING);
    assert.deepEqual(two.global.requests, []);
  });

  it("is the same of a global that is still to be made, with no word of other zones", async () => {
    two.zone.add(inZone(timeout("a")));
    const zone = await FakeControlPlane.start({ resources: [inZone(timeout("a"))] });
    const sides = {
      zoneName: "zone-1",
      zone: clientOf(zone),
      global: undefined,
      onConflict: "fail",
    } as const;
    const { handedOver, warnings } = await planPolicies(sides, {});
    assert.deepEqual([handedOver, warnings], [[timeout("a")], []]);
  });

  describe("of other zones", () => {
    const EVERY_ZONES = /^what is the global's is every zone's/;
    const isTold = async (onConflict: "fail" | "overwrite" | "keepGlobal" = "fail") =>
      (await two.plan(onConflict)).warnings.some((warning) => EVERY_ZONES.test(warning));
    beforeEach(() => two.zone.add(inZone(timeout("a"))));

    it("is nothing where there are none", async () => {
      two.global.add(...zonesOf("zone-1"));
      assert.deepEqual((await two.plan()).warnings, []);
    });

    it("is nothing where they have the policies already, or the global's stay as they are", async () => {
      two.global.add(...zonesOf("zone-2"), timeout("a"));
      assert.equal(await isTold(), false);
      two.global.add(other("a"));
      assert.equal(await isTold("keepGlobal"), false);
    });

    it("is told where one of many policies is new, or changes", async () => {
      two.global.add(...zonesOf("zone-2"), timeout("a"));
      two.zone.add(inZone(timeout("b")));
      assert.equal(await isTold(), true);
      two.global.add(other("b"));
      assert.equal(await isTold("overwrite"), true);
    });
  });

  it("names of the global's policies those alone of which the order may change: of a type and mesh of the moved", async () => {
    two.zone.add(inZone(timeout("a")), inZone(timeout("c", { mesh: "n" })), inZone(route("r")));
    two.global.add(
      timeout("a"),
      timeout("b"),
      timeout("of-a-zone", { labels: { "kuma.io/origin": "zone", "kuma.io/zone": "zone-2" } }),
      timeout("in-another-mesh", { mesh: "m" }),
      route("in-the-mesh-of-another-type", { mesh: "n" }),
    );
    const { warnings } = await two.plan();
    assert.equal(warnings.length, 1);
    assert.match(warnings[0], /The global has of these types: MeshTimeout default\/b$/);
  });

  it("is a refusal where the global has other content, and what can be done", async () => {
    two.zone.add(inZone(timeout("a")), inZone(timeout("b")));
    two.global.add(other("a"));
    assert.deepEqual(await kumaErrorOf(two.plan()), {
      code: "conflict",
      message:
        "The policies of zone zone-1 were not handed over to the global, and nothing was written: 1 of them are there with other content. " +
        'Make them equal, or choose with the setting onConflict, for all or by a pattern such as "MeshTimeout default/a": ' +
        "keepGlobal retires the zone's, overwrite replaces the global's.\n" +
        "  MeshTimeout default/a: differs in spec.other (zone none, global true), spec.targetRef, spec.to",
    });
    assert.deepEqual(two.writes, []);
  });

  it("is a refusal where zones that join before bring other content, and names them", async () => {
    two.zone.add(inZone(timeout("a")));
    const before = [earlier("zone-3", other("a")), earlier("zone-4", other("a"), timeout("b"))];
    const { message } = await kumaErrorOf(two.plan("fail", {}, before));
    assert.match(message, /: 1 of them are there, or come from zone zone-3, zone-4, with other content\. /);
  });

  it("lists 50 of each, and how many more there are", async () => {
    const names = Array.from({ length: 51 }, (_, index) => `t-${index + 10}`);
    for (const name of names) {
      two.zone.add(inZone(timeout(name)));
      two.zone.add(inZone(timeout(`p-${name}`, { spec: { default: { appendX: [] } } })));
    }
    const lines = describePolicies(await two.plan(), "zone-1").split("\n");
    assert.equal(lines.length, 1 + 51 + 51);
    assert.equal(lines[51], "  and 1 more (preview --diff lists all)");
    assert.equal(lines[102], "  and 1 more stay");
    for (const name of names) two.global.add(other(name));
    const { message } = await kumaErrorOf(two.plan());
    assert.ok(message.endsWith("\n  and 1 more"), message.slice(-100));
    assert.equal(message.split("\n").length, 52);
  });
});
