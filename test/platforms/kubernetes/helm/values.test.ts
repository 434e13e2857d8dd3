import * as assert from "node:assert/strict";
import { merge, setAt, valueAt } from "../../../../platforms/kubernetes/helm/values";

describe("platforms/kubernetes/values", () => {
  it("merges objects as Helm does, and replaces lists", () => {
    assert.deepEqual(merge({ a: { b: 1, c: [1] }, d: 1 }, { a: { c: [2], e: 3 }, d: { f: 1 } }), {
      a: { b: 1, c: [2], e: 3 },
      d: { f: 1 },
    });
  });

  it("reads what is at a path, and nothing where that leads through something else than objects", () => {
    assert.equal(valueAt({ a: { b: 0 } }, ["a", "b"]), 0);
    for (const values of [undefined, {}, { a: null }, { a: "b" }, { a: [] }])
      assert.equal(valueAt(values, ["a", "length"]), undefined);
  });

  it("writes at a path in a copy, and removes what becomes empty by that", () => {
    const values = { a: { b: 1 }, c: "d" };
    assert.deepEqual(setAt(values, ["a", "e", "f"], 2), { a: { b: 1, e: { f: 2 } }, c: "d" });
    assert.deepEqual(setAt(values, ["c", "e"], 2), { a: { b: 1 }, c: { e: 2 } });
    assert.deepEqual(setAt(values, ["a", "b"], undefined), { c: "d" });
    assert.deepEqual(setAt(values, ["c", "e"], undefined), values);
    assert.deepEqual(setAt(values, ["x", "y"], undefined), values);
    assert.deepEqual(values, { a: { b: 1 }, c: "d" });
  });
});
