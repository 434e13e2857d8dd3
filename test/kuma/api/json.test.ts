import * as assert from "node:assert/strict";
import { objectIn, objectsIn, parseJson, valueAt } from "../../../kuma/api/json";

describe("kuma/api/json", () => {
  const nested = (depth: number, open = "[", close = "]") => open.repeat(depth) + close.repeat(depth);

  it("reads JSON, and gives nothing of what is none", () => {
    assert.deepEqual(parseJson('{"a":[1,"b",null]}'), { a: [1, "b", null] });
    for (const text of ["", "{", "<html>", '"open', "undefined"]) assert.equal(parseJson(text), undefined);
  });

  it("goes a hundred levels deep, and not one further", () => {
    assert.ok(Array.isArray(parseJson(nested(100))));
    assert.equal(parseJson(nested(101)), undefined);
    assert.equal(parseJson(nested(101, '{"a":', "}").replace(":}", ":0}")), undefined);
    assert.notEqual(parseJson(nested(100, '{"a":', "}").replace(":}", ":0}")), undefined);
  });

  it("counts levels that are open at one time, not brackets", () => {
    assert.equal((parseJson(`[${Array(200).fill("[]").join()}]`) as unknown[]).length, 200);
    assert.equal((parseJson(`[${Array(200).fill("{}").join()}]`) as unknown[]).length, 200);
  });

  it("does not count what stands in a text, whatever quotes it holds", () => {
    const open = "[".repeat(200);
    for (const text of [open, `\\"${open}`, `\\\\`, `${open}\\\\`, `\\"`, `{${open}`])
      assert.equal(typeof parseJson(`["${text}"]`), "object", text);
    // the text ends before the brackets
    assert.equal(parseJson(`["\\\\",${nested(101)}]`), undefined);
    assert.equal(parseJson(`["${open}`), undefined);
  });

  it("tells objects from lists and null", () => {
    for (const value of [null, undefined, [], "x", 7]) assert.equal(objectIn(value), undefined);
    const object = { a: 1 };
    assert.equal(objectIn(object), object);
    assert.deepEqual(objectsIn([object, null, [], 7, {}]), [object, {}]);
    for (const value of [undefined, null, {}, "x"]) assert.deepEqual(objectsIn(value), []);
  });

  it("reads below fields, and only such as the document itself has", () => {
    assert.equal(valueAt({ a: { b: 0 } }, "a", "b"), 0);
    assert.deepEqual(valueAt({ a: 1 }), { a: 1 });
    for (const fields of [["x"], ["a", "b", "c"], ["toString"], ["__proto__"], ["a", "constructor"]])
      assert.equal(valueAt({ a: { b: 0 } }, ...fields), undefined, fields.join("."));
    assert.equal(valueAt({ a: ["x"] }, "a", "0"), undefined);
  });
});
