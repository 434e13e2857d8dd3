import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  ON_CONFLICT,
  OnConflict,
  Plan,
  Resource,
  ZoneExport,
  assertNoConflict,
  describeDifference,
  describePlan,
  digest,
  isWrite,
  keyOf,
  planFederation,
} from "../../kuma";
import { written } from "../support/arbitraries";
import { kumaErrorOf } from "../support/errors";

const byKey = (resources: readonly Resource[]) => new Map(resources.map((each) => [keyOf(each), each]));
const actionsOf = (plan: Plan) => Object.fromEntries(plan.resources.map(({ key, action }) => [key, action]));

const mesh: Resource = { type: "Mesh", name: "default" };
const secret: Resource = { type: "Secret", mesh: "default", name: "s", data: "canary-zone" };
const globalsSecret: Resource = { ...secret, data: "canary-global" };

describe("kuma/plan", () => {
  const plan = (
    carried: Resource[],
    existing: Resource[],
    onConflict: OnConflict = "fail",
    zones: string[] = [],
  ) => planFederation(carried, byKey(existing), { onConflict, zones });

  it("creates what is missing and leaves what is the same", () => {
    const stored = { ...mesh, creationTime: "now", labels: { "kuma.io/origin": "global" } };
    assert.deepEqual(actionsOf(plan([mesh, secret], [stored])), {
      "Mesh default": "same",
      "Secret default/s": "create",
    });
  });

  for (const [onConflict, action] of Object.entries({
    fail: "conflict",
    keepGlobal: "keepGlobal",
    overwrite: "overwrite",
  } as const)) {
    it(`with onConflict ${onConflict}, other content means ${action}`, () => {
      const made = plan([secret], [globalsSecret], onConflict as OnConflict);
      assert.deepEqual(actionsOf(made), { "Secret default/s": action });
      assert.deepEqual(made.resources[0].existing, globalsSecret);
    });
  }

  describe("secrets that every control plane makes for itself", () => {
    const names = ["admin-user-token", "user-token-signing-key-1", "zone-token-signing-key-1"];
    const of = (data: string): Resource[] => names.map((name) => ({ type: "GlobalSecret", name, data }));

    for (const onConflict of ON_CONFLICT) {
      it(`give way to the zone's on a new global (onConflict ${onConflict})`, () => {
        const actions = Object.values(
          actionsOf(plan([mesh, ...of("zone")], [mesh, ...of("own")], onConflict)),
        );
        assert.deepEqual(actions, ["same", "replaceGenerated", "replaceGenerated", "replaceGenerated"]);
      });
    }

    it("stay when another zone has joined", () => {
      const actions = Object.values(actionsOf(plan(of("zone"), of("own"), "fail", ["zone-2"])));
      assert.deepEqual(actions, ["conflict", "conflict", "conflict"]);
    });

    it("stay when the global has a mesh of its own", () => {
      const actions = actionsOf(
        plan(of("zone"), [...of("own"), { type: "Mesh", name: "other" }], "keepGlobal"),
      );
      assert.deepEqual(Object.values(actions), ["keepGlobal", "keepGlobal", "keepGlobal"]);
    });

    it("are not confused with a user's", () => {
      const own: Resource = { type: "GlobalSecret", name: "my-admin-user-token", data: "a" };
      const inMesh: Resource = { type: "Secret", mesh: "m", name: "admin-user-token", data: "a" };
      const actions = actionsOf(
        plan(
          [own, inMesh],
          [
            { ...own, data: "b" },
            { ...inMesh, data: "b" },
          ],
        ),
      );
      assert.deepEqual(Object.values(actions), ["conflict", "conflict"]);
    });
  });

  describe("properties", () => {
    const sides = fc.record({
      carried: fc.uniqueArray(written, { selector: keyOf, maxLength: 12 }),
      existing: fc.uniqueArray(written, { selector: keyOf, maxLength: 12 }),
      onConflict: fc.constantFrom(...ON_CONFLICT),
      zones: fc.constantFrom([], ["zone-2"]),
    });

    it("after the writes of a plan, a second one has nothing to write", () => {
      fc.assert(
        fc.property(sides, ({ carried, existing, ...options }) => {
          const global = byKey(existing);
          const first = planFederation(carried, global, options);
          for (const { key, resource } of first.resources.filter(isWrite)) global.set(key, resource);
          const second = planFederation(carried, global, options);
          assert.deepEqual(second.resources.filter(isWrite), []);
          const left = new Set(Object.values(actionsOf(second)));
          left.delete("same");
          const allowed = { fail: ["conflict"], keepGlobal: ["keepGlobal"], overwrite: [] as string[] };
          assert.ok([...left].every((action) => allowed[options.onConflict].includes(action)));
        }),
      );
    });

    it("keeps every resource once, in order; keepGlobal and fail never write over what a user made", () => {
      fc.assert(
        fc.property(sides, ({ carried, existing, ...options }) => {
          const global = byKey(existing);
          const { resources } = planFederation(carried, global, options);
          assert.deepEqual(
            resources.map(({ key }) => key),
            carried.map(keyOf),
          );
          for (const { key, action } of resources) {
            assert.equal(action === "create", !global.has(key));
            if (action === "conflict") assert.equal(options.onConflict, "fail");
            if (action === "keepGlobal") assert.equal(options.onConflict, "keepGlobal");
            if (action === "overwrite") assert.equal(options.onConflict, "overwrite");
          }
        }),
      );
    });
  });

  describe("for people", () => {
    const exported = (carried: Resource[]): ZoneExport => ({
      carried,
      originals: carried,
      kept: [{ type: "Dataplane", mesh: "default", name: "d" }],
      leftOut: [
        { key: { type: "GlobalSecret", name: "inter-cp-ca" }, reason: "every control plane has its own" },
      ],
      types: new Map(),
    });

    it("shows what would be written by type, mesh and name, secrets with their digest", () => {
      const carried = [mesh, secret, { type: "TrafficRoute", mesh: "default", name: "r", conf: 1 }];
      const existing = [mesh, { type: "TrafficRoute", mesh: "default", name: "r", conf: 2 }];
      assert.equal(
        describePlan(plan(carried, existing, "overwrite"), exported(carried), "zone-1"),
        [
          "zone zone-1: 3 resources to be on the global, 1 of them are there already",
          `  create: Secret default/s (${digest(secret)})`,
          "  overwrite: TrafficRoute default/r",
          "  1 resources that the zone owns stay in it, and are copied to the global by the control planes",
          "  left out: GlobalSecret inter-cp-ca (every control plane has its own)",
        ].join("\n"),
      );
    });

    it("lists 50 resources at the most", () => {
      const carried = Array.from({ length: 60 }, (_, i) => ({ type: "Mesh", name: `m-${i}` }));
      const lines = describePlan(plan(carried, []), exported(carried), "z").split("\n");
      assert.equal(lines.filter((line) => line.startsWith("  create: ")).length, 50);
      assert.equal(lines[51], "  and 10 more (preview --diff lists all)");
    });

    it("says where two resources differ, for secrets by digest only", () => {
      const [planned] = plan([secret], [globalsSecret]).resources;
      assert.equal(describeDifference(planned), `zone ${digest(secret)}, global ${digest(globalsSecret)}`);
      const [policy] = plan(
        [{ type: "TrafficRoute", mesh: "m", name: "r", conf: { a: 1, b: [1] }, labels: { team: "a" } }],
        [{ type: "TrafficRoute", mesh: "m", name: "r", conf: { a: 1, b: [2] } }],
      ).resources;
      assert.equal(describeDifference(policy), "differs in conf.b.0, labels");
    });

    it("names eight fields at the most", () => {
      const fields = (value: number) => Object.fromEntries([..."abcdefghij"].map((name) => [name, value]));
      const [planned] = plan(
        [{ type: "TrafficRoute", name: "r", conf: fields(1) }],
        [{ type: "TrafficRoute", name: "r", conf: fields(2) }],
      ).resources;
      assert.equal(
        describeDifference(planned),
        `differs in ${[..."abcdefgh"].map((name) => `conf.${name}`).join(", ")} and 2 more`,
      );
    });

    it("stops at conflicts with the whole list and the choices", async () => {
      const carried = [secret, { ...mesh, mtls: { enabledBackend: "ca-1" } }];
      const existing = [globalsSecret, mesh];
      assert.deepEqual(await kumaErrorOf(() => assertNoConflict(plan(carried, existing), "zone-1")), {
        code: "conflict",
        message: [
          "2 resource(s) of zone zone-1 are on the global control plane with other content. Nothing was written.",
          `  Secret default/s: zone ${digest(secret)}, global ${digest(globalsSecret)}`,
          "  Mesh default: differs in mtls",
          "Make them equal, or choose with the setting onConflict: keepGlobal leaves the global's, overwrite puts the zone's in their place.",
        ].join("\n"),
      });
    });

    it("does not stop without conflicts", () => {
      for (const onConflict of ["keepGlobal", "overwrite"] as const)
        assertNoConflict(plan([secret], [globalsSecret], onConflict), "zone-1");
      assertNoConflict(plan([secret, mesh], [mesh]), "zone-1");
    });

    it("never holds a value of any resource", async () => {
      const canaries = (side: string): Resource[] =>
        ["Secret", "GlobalSecret", "Mesh", "TrafficRoute"].map((type) => ({
          type,
          name: "n",
          data: `canary-${side}`,
          conf: { deep: [{ value: `canary-${side}` }] },
          labels: { team: `canary-${side}` },
        }));
      for (const onConflict of ON_CONFLICT) {
        for (const existing of [[], canaries("global")]) {
          const made = plan(canaries("zone"), existing, onConflict);
          const texts = [
            describePlan(made, exported(canaries("zone")), "z"),
            ...made.resources.map(describeDifference),
          ];
          const conflicts = made.resources.some(({ action }) => action === "conflict");
          if (conflicts) texts.push((await kumaErrorOf(() => assertNoConflict(made, "z"))).message);
          for (const text of texts) assert.ok(!text.includes("canary"), text);
        }
      }
    });
  });
});
