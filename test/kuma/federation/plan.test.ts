import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  ON_CONFLICT,
  ConflictChoice,
  OnConflict,
  Plan,
  Resource,
  ZoneExport,
  describePlan,
  digest,
  isWrite,
  keyOf,
  planFederation,
} from "../../../kuma";
import { written } from "../../support/arbitraries";

const byKey = (resources: readonly Resource[]) => new Map(resources.map((each) => [keyOf(each), each]));
const actionsOf = (plan: Plan) => Object.fromEntries(plan.resources.map(({ key, action }) => [key, action]));

const mesh: Resource = { type: "Mesh", name: "default" };
const secret: Resource = { type: "Secret", mesh: "default", name: "s", data: "canary-zone" };
const globalsSecret: Resource = { ...secret, data: "canary-global" };

describe("kuma/federation/plan", () => {
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
      const made = plan([secret], [globalsSecret], onConflict as ConflictChoice);
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

  describe("the signing key of a mesh, which the global makes when the mesh is written", () => {
    const key = (data: string, changed = "1"): Resource => ({
      ...{ type: "Secret", mesh: "m", name: "dataplane-token-signing-key-m-1", data },
      ...{ creationTime: "1", modificationTime: changed },
    });
    const m: Resource = { type: "Mesh", name: "m", skipCreatingInitialPolicies: ["*"] };
    const act = (existing: Resource[], options: { zones: string[]; meshesInUse?: ReadonlySet<string> }) =>
      planFederation([m, key("zone")], byKey(existing), { onConflict: "fail", ...options }).resources[1]
        .action;

    it("gives way where an earlier run wrote the mesh and was cut short", () => {
      assert.equal(act([m, key("global")], { zones: [] }), "replaceGenerated");
      const meshesInUse = new Set(["other"]);
      assert.equal(act([m, key("global")], { zones: ["zone-2"], meshesInUse }), "replaceGenerated");
    });

    it("is a conflict as soon as something may depend on it", () => {
      const free = { zones: [], meshesInUse: new Set<string>() };
      const joined = { zones: ["zone-2"] };
      assert.equal(act([m, key("global", "2")], free), "conflict", "somebody has replaced it");
      assert.equal(act([{ ...m, routing: {} }, key("global")], free), "conflict", "another mesh");
      assert.equal(act([key("global")], free), "conflict", "no mesh");
      assert.equal(act([m, key("global")], joined), "conflict", "proxies are not known");
      const meshesInUse = new Set(["m"]);
      assert.equal(act([m, key("global")], { ...joined, meshesInUse }), "conflict", "proxies");
    });
  });

  describe("a mesh with another certificate authority", () => {
    const withCa = (name: string, backend: string): Resource => ({
      type: "Mesh",
      name,
      mtls: {
        enabledBackend: backend,
        backends: [
          { name: backend, type: "provided", conf: { cert: { secret: "cert" }, key: { secret: "key" } } },
        ],
      },
    });
    const ca = (name: string, data: string): Resource => ({ type: "Secret", mesh: "m", name, data });
    const both: [Resource[], Resource[]] = [
      [withCa("m", "a"), ca("cert", "zone"), ca("m.ca-builtin-key-x", "zone"), ca("other", "zone")],
      [withCa("m", "b"), ca("cert", "global"), ca("m.ca-builtin-key-x", "global"), ca("other", "global")],
    ];

    for (const choice of ["overwrite", "keepGlobal"] as const) {
      const wide: OnConflict[] = [choice, [{ resources: "*", choice }], [{ resources: "Mesh *", choice }]];
      for (const onConflict of wide) {
        it(`is in conflict, with its keys, when the stack says ${JSON.stringify(onConflict)}`, () => {
          const { resources } = plan(...both, onConflict);
          assert.deepEqual(
            resources.slice(0, 3).map(({ action, authority }) => [action, authority]),
            [0, 1, 2].map(() => ["conflict", "m"]),
          );
          assert.equal(resources[3].authority, undefined);
        });
      }

      it(`is decided, with its keys, by a rule that names it (${choice})`, () => {
        const { resources } = plan(...both, [{ resources: "Mesh m", choice }]);
        assert.deepEqual(
          resources.map(({ action }) => action),
          [choice, choice, choice, "conflict"],
        );
      });
    }

    it("is not decided by a rule for another mesh, or for its secret", () => {
      const rules = ["Mesh n", "Secret m/cert"].map((resources) => ({
        resources,
        choice: "overwrite" as const,
      }));
      assert.deepEqual(
        plan(...both, rules).resources.map(({ action }) => action),
        ["conflict", "conflict", "conflict", "conflict"],
      );
    });

    it("is one that has mTLS on one side only", () => {
      assert.equal(
        plan([withCa("m", "a")], [{ type: "Mesh", name: "m" }], "overwrite").resources[0].action,
        "conflict",
      );
    });

    it("is not one that differs in something else", () => {
      const there = {
        ...withCa("m", "a"),
        metrics: {},
        mtls: { ...(withCa("m", "a").mtls as object), skipValidation: true },
      };
      assert.equal(plan([withCa("m", "a")], [there], "overwrite").resources[0].action, "overwrite");
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
          // another authority is never decided for everything at once
          const allowed = {
            fail: ["conflict"],
            keepGlobal: ["keepGlobal", "conflict"],
            overwrite: ["conflict"],
          };
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
          for (const { key, action, authority } of resources) {
            assert.equal(action === "create", !global.has(key));
            if (action === "conflict") assert.ok(options.onConflict === "fail" || authority !== undefined);
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
          "zone zone-1: 3 resources to carry to the global, 1 of them are there already",
          `  create: Secret default/s (${digest(secret)})`,
          "  overwrite: TrafficRoute default/r (differs in conf (zone 1, global 2))",
          "  1 resources that the zone owns stay in it, and are copied to the global by the control planes",
          "  left out: GlobalSecret inter-cp-ca (every control plane has its own)",
        ].join("\n"),
      );
    });

    it("lists 50 resources at the most", () => {
      const carried = Array.from({ length: 60 }, (_, i) => ({ type: "Mesh", name: `m-${i}` }));
      const lines = describePlan(plan(carried, []), exported(carried), "z").split("\n");
      assert.equal(lines.filter((line) => line.startsWith("  create: ")).length, 50);
      assert.equal(lines[1], "  create 60: 60 Mesh", "what is shortened begins with counts by type");
      assert.equal(lines[52], "  and 10 more (preview --diff lists all)");
    });

    it("never holds a value of a secret", () => {
      const canaries = (side: string): Resource[] =>
        ["Secret", "GlobalSecret"].map((type) => ({ type, name: "n", data: `canary-${side}` }));
      for (const onConflict of ON_CONFLICT) {
        for (const existing of [[], canaries("global")]) {
          const text = describePlan(
            plan(canaries("zone"), existing, onConflict),
            exported(canaries("zone")),
            "z",
          );
          assert.ok(!text.includes("canary"), text);
        }
      }
    });
  });
});
