import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  ON_CONFLICT,
  ORIGIN_LABEL,
  Resource,
  ZONE_LABEL,
  carryOver,
  digest,
  forGlobal,
  isCarried,
  isKumaError,
  keyOf,
  planZone,
  sanitize,
  writeStage,
} from "../../../kuma";
import { additions, withAdditions, written } from "../../support/resources/arbitraries";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { typeNamed } from "../../support/resources/types";

const isWrite = ({ method }: { method: string }) => method !== "GET";

/** What a zone holds, always with a mesh, and what a global has of it: some the same, some with other content. */
const sides = fc
  .record({
    resources: fc.uniqueArray(written, { selector: keyOf, maxLength: 14 }),
    added: additions,
    fates: fc.array(fc.constantFrom("absent", "same", "different"), { minLength: 15, maxLength: 15 }),
    foreign: fc.uniqueArray(written, { selector: keyOf, maxLength: 3 }),
    onConflict: fc.constantFrom(...ON_CONFLICT),
  })
  .map(({ resources, added, fates, foreign, onConflict }) => {
    const mesh: Resource = { type: "Mesh", name: "always" };
    const own = [mesh, ...resources.filter((each) => keyOf(each) !== keyOf(mesh))];
    const inZone = own.map((each) => {
      // a label of another zone would make it that one's, which stops what the zone keeps and not what is carried
      const notToHave = crosses(each) ? [ORIGIN_LABEL] : [ORIGIN_LABEL, ZONE_LABEL];
      const labels = Object.entries(added.labels).filter(([name]) => !notToHave.includes(name));
      return withAdditions(each, { ...added, labels: Object.fromEntries(labels) });
    });
    const onGlobal = own.flatMap((each, i): Resource[] => {
      if (fates[i] === "absent") return [];
      const same = forGlobal(sanitize(each));
      return [fates[i] === "same" ? same : { ...same, größe: "another" }];
    });
    const keys = new Set(own.map(keyOf));
    return {
      inZone,
      onGlobal: [...onGlobal, ...foreign.filter((each) => !keys.has(keyOf(each)))],
      onConflict,
    };
  });

describe("kuma/federation/federate: whatever is on both sides", () => {
  let zone: FakeControlPlane;
  let global: FakeControlPlane;
  beforeEach(async () => {
    zone = await FakeControlPlane.start({
      config: { mode: "zone", multizone: { zone: { name: "zone-1" } } },
    });
    global = await FakeControlPlane.start();
  });
  afterEach(stopFakes);

  it("writes nothing on a conflict; otherwise each resource once, in order, and a second time nothing", async () => {
    const federation = (onConflict: (typeof ON_CONFLICT)[number]) => ({
      ...{ zoneName: "zone-1", kdsAddress: "grpcs://g:5685", onConflict },
      ...{ zone: clientOf(zone), global: clientOf(global) },
    });
    await fc.assert(
      fc.asyncProperty(sides, async ({ inZone, onGlobal, onConflict }) => {
        for (const [side, resources] of [
          [zone, inZone],
          [global, onGlobal],
        ] as const) {
          side.store.clear();
          side.requests.length = 0;
          side.add(...resources);
        }
        const before = contentOf(global);
        const here = federation(onConflict);
        const prospect = await planZone(here).catch((error: unknown) => {
          if (isKumaError(error, "conflict")) return undefined;
          throw error;
        });
        assert.deepEqual([...zone.requests, ...global.requests].filter(isWrite), [], "a plan writes nothing");
        if (!prospect) return assert.notEqual(onConflict, "overwrite");

        const { carried } = prospect.exported;
        const wanted = inZone.filter(crosses);
        assert.deepEqual(carried.map(keyOf).sort(), wanted.map(keyOf).sort(), "everything is carried");

        await carryOver(prospect, here);
        const writes = global.requests.filter(isWrite).map(({ body }) => JSON.parse(body) as Resource);
        const stages = writes.map(writeStage);
        assert.deepEqual(stages, [...stages].sort(), "in the order of the stages");
        assert.equal(new Set(writes.map(keyOf)).size, writes.length, "each once");
        const expected = { ...before };
        for (const each of carried) {
          const kept = onConflict === "keepGlobal" && before[keyOf(each)] !== undefined;
          const generated = writes.some((write) => keyOf(write) === keyOf(each));
          if (!kept || generated) expected[keyOf(each)] = digest(each);
        }
        assert.deepEqual(contentOf(global), expected, "nothing else is touched");
        assert.deepEqual(zone.requests.filter(isWrite), [], "nothing is written to the zone");

        global.requests.length = 0;
        const again = (await planZone(here)) ?? assert.fail("the zone is alone");
        assert.ok(again.plan.resources.every(({ action }) => action === "same" || action === "keepGlobal"));
        await carryOver(again, here);
        assert.deepEqual(global.requests.filter(isWrite), []);
      }),
      { numRuns: 60 },
    );
  });
});

/** Every zone makes its HostnameGenerators for itself. */
function crosses({ type }: Resource): boolean {
  return isCarried(typeNamed(type)) && type !== "HostnameGenerator";
}

function contentOf(side: FakeControlPlane): Record<string, string> {
  return Object.fromEntries([...side.store.values()].map((each) => [keyOf(each), digest(each)]));
}
