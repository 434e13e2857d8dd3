import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  Action,
  ON_CONFLICT,
  ConflictChoice,
  OnConflict,
  Plan,
  Resource,
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
});
