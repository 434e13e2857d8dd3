import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { Resource, asGlobals, keyOf, sameContent, userKey } from "../../../../kuma";
import { stopFakes } from "../../../support/controlPlane/fakeControlPlane";
import { inZone } from "../../../support/controlPlane/fakeKds";
import { TwoSides, timeout } from "./twoSides";

const permission: Resource = {
  type: "MeshTrafficPermission",
  mesh: "default",
  name: "everyone",
  spec: { targetRef: { kind: "Mesh" } },
};

describe("kuma/policies/profile: on the way to the global and back", () => {
  afterEach(stopFakes);

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
        const two = await TwoSides.start();
        const { zone, global, kds } = two;
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

        const planned = await two.plan().catch(() => undefined);
        if (planned) {
          const added = planned.planned.filter(({ action }) => action === "create").map(({ key }) => key);
          const first = await two.move(planned.handedOver).then(
            () => true,
            () => false,
          );
          end = Infinity;
          if (way === "again" && !first) await two.move(planned.handedOver);
          if (way === "again") assert.deepEqual(two.own, []);
          await two.back(planned.handedOver, { added });
        }
        assert.deepEqual(lacking, []);
        assert.deepEqual(two.own.map((policy) => keyOf(userKey(policy))).sort(), policies.map(keyOf).sort());
        assert.deepEqual([...global.store.keys()].sort(), there.map(keyOf).sort());
      }),
      { numRuns: 60 },
    );
  });
});
