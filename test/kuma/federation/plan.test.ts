import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  Action,
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
  planForNewGlobal,
  wantedOnGlobal,
} from "../../../kuma";
import { written } from "../../support/resources/arbitraries";

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

  it("wants on the global what is left there as it is, and else what the zone has", () => {
    const made = plan([secret, mesh], [globalsSecret], "keepGlobal");
    assert.deepEqual(wantedOnGlobal(made), [globalsSecret, mesh]);
    assert.deepEqual(wantedOnGlobal(plan([secret], [globalsSecret], "overwrite")), [secret]);
  });

  it("knows what is written", () => {
    const written = ["create", "replaceGenerated", "overwrite"];
    for (const action of [...written, "same", "keepGlobal", "conflict"] as Action[])
      assert.equal(isWrite({ key: "k", resource: mesh, action }), written.includes(action), action);
  });

  it("expects of a global that is still to be made that it makes its own secrets", () => {
    const key: Resource = { type: "GlobalSecret", name: "user-token-signing-key-1", data: "eA==" };
    assert.deepEqual(planForNewGlobal([mesh, key]), {
      resources: [
        { key: "Mesh default", resource: mesh, action: "create" },
        { key: "GlobalSecret user-token-signing-key-1", resource: key, action: "replaceGenerated" },
      ],
    });
  });

  it("does not take the secret of a zone that joins before for one that the global made", () => {
    const key = (data: string): Resource => ({
      type: "GlobalSecret",
      name: "user-token-signing-key-1",
      data,
    });
    const options = { onConflict: "fail" as const, zones: [] };
    const decide = (brought?: Set<string>) =>
      planFederation([key("a")], byKey([key("b")]), { ...options, brought }).resources[0].action;
    assert.equal(decide(), "replaceGenerated");
    assert.equal(decide(new Set(["Mesh other"])), "replaceGenerated");
    assert.equal(decide(new Set([keyOf(key("a"))])), "conflict");
  });

  it("names the identity whose key is in conflict, which only a rule for it decides", () => {
    const key = (data: string): Resource => ({
      type: "Secret",
      mesh: "default",
      name: "id-private-key",
      data,
    });
    const identities: Resource[] = [{ type: "MeshIdentity", mesh: "default", name: "id" }];
    const decide = (onConflict: OnConflict, of = identities) => {
      const options = { onConflict, zones: [], identities: of };
      const [{ action, identity }] = planFederation([key("a")], byKey([key("b")]), options).resources;
      return [action, identity];
    };
    assert.deepEqual(decide("overwrite"), ["conflict", "MeshIdentity default/id"]);
    const rule = [{ resources: "MeshIdentity default/id", choice: "overwrite" as const }];
    assert.deepEqual(decide(rule), ["overwrite", "MeshIdentity default/id"]);
    assert.deepEqual(decide("overwrite", []), ["overwrite", undefined]);
    assert.ok(
      !(
        "identity" in
        planFederation([key("a")], byKey([key("b")]), { onConflict: "overwrite", zones: [] }).resources[0]
      ),
    );
  });

  it("lets mTLS end only where a rule for the mesh says so", () => {
    const mtls = { enabledBackend: "ca", backends: [{ name: "ca", type: "provided", conf: {} }] };
    const decide = (endsMtls?: boolean) =>
      plan([mesh], [{ ...mesh, mtls }], [{ resources: "Mesh default", choice: "overwrite", endsMtls }])
        .resources[0].action;
    assert.deepEqual([decide(), decide(false), decide(true)], ["conflict", "conflict", "overwrite"]);
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

    it("tells of all that can happen to a resource", () => {
      const long = (conf: unknown): Resource => ({ type: "TrafficRoute", mesh: "default", name: "r", conf });
      const [zones, globals] = [long({ a: 1, b: 1 }), long({ a: 2, b: 2 })];
      const rivals = [{ zones: ["early"], resource: long({ a: 3, b: 1 }) }];
      const line = (action: Action, more: object = {}) =>
        describePlan(
          { resources: [{ key: keyOf(zones), resource: zones, existing: globals, action, ...more }] },
          exported([]),
          "z",
        ).split("\n")[1];
      const both = "(differs in conf.a (zone 1, global 2), conf.b (zone 1, global 2))";
      assert.equal(line("keepGlobal"), `  keep the global's: TrafficRoute default/r ${both}`);
      assert.equal(
        line("overwrite", { zone: "z", rivals }),
        `  overwrite: TrafficRoute default/r ${both.slice(0, -1)}; differs in conf.a (zone z 1, zone early 3))`,
      );
      assert.equal(line("conflict"), "  conflict: TrafficRoute default/r");
      assert.equal(line("create"), "  create: TrafficRoute default/r");
      const generated = { resource: secret, key: keyOf(secret) };
      assert.equal(
        line("replaceGenerated", generated),
        `  replace (generated by the new global): Secret default/s (${digest(secret)})`,
      );
    });

    it("says of what is there already that some of it comes with a zone before", () => {
      const [first] = describePlan(plan([mesh], [mesh]), exported([]), "z", { withEarlier: true }).split(
        "\n",
      );
      assert.equal(
        first,
        "zone z: 1 resources to carry to the global, 1 of them are there already, or come with a zone that joins earlier",
      );
    });

    it("names what stays in the zone alone, 50 of them at the most", () => {
      const kept = Array.from({ length: 52 }, (_, i): Resource => ({
        ...{ type: "MeshTimeout", mesh: "m", name: `t-${i}` },
        labels: i === 0 ? {} : { "kuma.io/kds-sync": "disabled" },
      }));
      const lines = describePlan(plan([], []), { ...exported([]), kept }, "z").split("\n");
      assert.equal(lines[2], "  stays in the zone alone: MeshTimeout m/t-1 (label kuma.io/kds-sync)");
      assert.equal(lines.filter((line) => line.startsWith("  stays in the zone alone")).length, 50);
      assert.ok(lines.includes("  and 1 more stay in it alone"));
    });

    it("counts by what happens and by type where there are more than 50", () => {
      const routes = (count: number, conf: number) =>
        Array.from({ length: count }, (_, i): Resource => ({
          type: "TrafficRoute",
          mesh: "default",
          name: `r-${i}`,
          conf,
        }));
      const meshes = Array.from({ length: 30 }, (_, i): Resource => ({ type: "Mesh", name: `m-${i}` }));
      const carried = [...meshes, ...routes(21, 1), secret];
      const lines = describePlan(plan(carried, routes(20, 2), "overwrite"), exported(carried), "z").split(
        "\n",
      );
      assert.deepEqual(lines.slice(1, 3), [
        "  create 32: 30 Mesh, 1 Secret, 1 TrafficRoute",
        "  overwrite 20: 20 TrafficRoute",
      ]);
      const fifty = describePlan(plan([...meshes, ...routes(20, 1)], []), exported([]), "z").split("\n");
      assert.ok(fifty[1].startsWith("  create: "));
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
