import * as assert from "node:assert/strict";
import { namedFirst, referencesOf } from "../../../../kuma/policies/profile/references";
import { naming, timeout } from "./twoSides";

describe("kuma/policies/profile/references", () => {
  it("finds what a policy names by kind and name, however deep, in its own mesh", () => {
    const spec = {
      targetRef: { kind: "MeshHTTPRoute", name: "r", labels: null },
      to: [{ default: { backendRefs: [{ kind: "MeshService", name: "b", port: 80 }] } }],
      rules: null,
    };
    assert.deepEqual(referencesOf(timeout("a", { spec, mesh: "m" })), [
      { type: "MeshHTTPRoute", mesh: "m", name: "r" },
      { type: "MeshService", mesh: "m", name: "b" },
    ]);
  });

  it("takes nothing for a name that lacks a kind, and for a kind that lacks a name", () => {
    const spec = { targetRef: { kind: "Mesh" }, from: [{ name: "http" }, { kind: 7, name: "a" }] };
    assert.deepEqual(referencesOf(timeout("a", { spec })), []);
  });

  const namesOf = (groups: Iterable<{ name: string }[]>) =>
    Array.from(groups, (group) => group.map(({ name }) => name));
  const timeouts = (...names: string[]) => names.map((name): [string, string] => ["MeshTimeout", name]);

  it("puts what is named before what names it", () => {
    const groups = namedFirst([
      naming("c", ...timeouts("b", "a")),
      naming("b", ...timeouts("a")),
      naming("a"),
      naming("d", ...timeouts("gone")),
      naming("e", ...timeouts("e")),
    ]);
    assert.deepEqual(namesOf(groups), [["a", "d", "e"], ["b"], ["c"]]);
  });

  it("loses none that name each other in a circle", () => {
    const circle = namedFirst([naming("x", ...timeouts("y")), naming("y", ...timeouts("x"))]);
    assert.deepEqual(namesOf(circle).flat().sort(), ["x", "y"]);
  });
});
