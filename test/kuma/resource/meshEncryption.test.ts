import * as assert from "node:assert/strict";
import { Resource, choicesFor, endsMtls, hasMtls, mayEndMtls, meshesWhoseMtlsEnds } from "../../../kuma";

const WITH: Resource = {
  type: "Mesh",
  name: "m",
  mtls: { enabledBackend: "ca", backends: [{ name: "ca", type: "builtin" }] },
};
const WITHOUT: Resource = { type: "Mesh", name: "m" };

describe("kuma/resource/meshEncryption", () => {
  it("goes by the authority that is in force, not by those that are there", () => {
    assert.ok(hasMtls(WITH));
    assert.ok(!hasMtls(WITHOUT));
    assert.ok(!hasMtls({ ...WITH, mtls: { backends: [{ name: "ca", type: "builtin" }] } }));
  });

  it("knows which choice takes mTLS from whom", () => {
    for (const [choice, zones, globals, ends] of [
      ["overwrite", WITHOUT, WITH, true],
      ["overwrite", WITH, WITHOUT, false],
      ["overwrite", WITH, WITH, false],
      ["overwrite", WITHOUT, WITHOUT, false],
      ["keepGlobal", WITH, WITHOUT, true],
      ["keepGlobal", WITHOUT, WITH, false],
      ["keepGlobal", WITH, WITH, false],
      ["keepGlobal", WITHOUT, WITHOUT, false],
      ["fail", WITH, WITHOUT, false],
      ["fail", WITHOUT, WITH, false],
    ] as const)
      assert.equal(endsMtls(choice, zones, globals), ends, `${choice} ${hasMtls(zones)} ${hasMtls(globals)}`);
    const other = { ...WITH, type: "MeshThing" };
    assert.ok(!endsMtls("keepGlobal", other, { ...WITHOUT, type: "MeshThing" }));
    assert.ok(!endsMtls("overwrite", { ...WITHOUT, type: "MeshThing" }, other));
  });

  it("lets it end only by a rule that names the mesh and says so", () => {
    const rule = (resources: string, ends?: boolean) => ({
      resources,
      choice: "overwrite" as const,
      endsMtls: ends,
    });
    for (const [onConflict, may] of [
      ["overwrite", false],
      [[rule("Mesh m", true)], true],
      [[rule("Mesh m")], false],
      [[rule("Mesh m", false)], false],
      [[rule("Mesh other", true)], false],
      [[rule("Mesh *", true)], false],
      [[rule("Secret m/x", true), rule("Mesh m", true)], true],
      [[], false],
    ] as const)
      assert.equal(
        mayEndMtls("m", onConflict as Parameters<typeof mayEndMtls>[1]),
        may,
        JSON.stringify(onConflict),
      );
  });

  it("names the meshes of a plan whose mTLS ends", () => {
    const named = (mesh: Resource, name: string) => ({ ...mesh, name });
    assert.deepEqual(
      meshesWhoseMtlsEnds([
        { action: "keepGlobal", resource: named(WITH, "a"), existing: named(WITHOUT, "a") },
        { action: "overwrite", resource: named(WITHOUT, "b"), existing: named(WITH, "b") },
        { action: "create", resource: named(WITH, "c") },
        { action: "overwrite", resource: named(WITHOUT, "d") },
        { action: "same", resource: named(WITH, "e"), existing: named(WITHOUT, "e") },
        { action: "conflict", resource: named(WITHOUT, "f"), existing: named(WITH, "f") },
        { action: "overwrite", resource: named(WITH, "g"), existing: named(WITHOUT, "g") },
      ]),
      ["a", "b"],
    );
  });

  describe("what each choice does to the proxies", () => {
    const concerned = { zoneName: "z", inZone: 1, elsewhere: 2 };
    const keep = '{resources: "Mesh m", choice: keepGlobal}: 1 data plane proxy of zone z:';
    const keepEnds =
      '{resources: "Mesh m", choice: keepGlobal, endsMtls: true}: 1 data plane proxy of zone z:';
    const over = '{resources: "Mesh m", choice: overwrite}: 2 data plane proxies of other zones:';
    const overEnds =
      '{resources: "Mesh m", choice: overwrite, endsMtls: true}: 2 data plane proxies of other zones:';
    const lose = "mTLS ends, calls are no longer encrypted, and no permission holds any more.";
    const begin = (whose: string) =>
      `mTLS begins, by ${whose} authority: from then on a call needs a permission.`;
    const change = (whose: string) =>
      `certificates come from ${whose} authority, and the others are trusted only then; ${whose} token keys hold, so tokens of the others end.`;

    for (const [what, zones, globals, expected] of [
      [
        "both have mTLS",
        WITH,
        WITH,
        [`${keep} ${change("the global's")}`, `${over} ${change("the zone's")}`],
      ],
      ["neither has", WITHOUT, WITHOUT, [`${keep} no mTLS, as today.`, `${over} no mTLS, as today.`]],
      ["only the zone has", WITH, WITHOUT, [`${over} ${begin("the zone's")}`, `${keepEnds} ${lose}`]],
      ["only the global has", WITHOUT, WITH, [`${keep} ${begin("the global's")}`, `${overEnds} ${lose}`]],
    ] as const)
      it(`is told where ${what}, first what leaves every proxy its encryption`, () =>
        assert.deepEqual(choicesFor(zones, globals, concerned), expected));
  });
});
