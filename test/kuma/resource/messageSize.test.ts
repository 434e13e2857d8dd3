import * as assert from "node:assert/strict";
import { Resource, messageSizes } from "../../../kuma";

describe("kuma/resource/messageSize", () => {
  /** Of the only type, without what is around each resource. */
  const sizeOf = (...resources: Resource[]) => {
    const [{ count, atLeast, atMost }, ...others] = messageSizes(resources);
    assert.deepEqual([others, count], [[], resources.length]);
    return [atLeast - 17 * count, atMost - (17 + 400) * count];
  };
  const named: Resource = { type: "MeshTimeout", mesh: "m", name: "n", spec: {} };

  it("counts the bytes of a secret, not their base64", () => {
    const data = Buffer.alloc(1000).toString("base64");
    assert.deepEqual(sizeOf({ type: "Secret", mesh: "m", name: "n", data }), [1002, 1002]);
    assert.deepEqual(sizeOf({ type: "GlobalSecret", name: "n", data: "" }), [1, 1]);
  });

  it("counts name, mesh and labels in bytes", () => {
    assert.deepEqual(sizeOf(named), [4, 6]);
    const labels = { "kuma.io/mesh": "m", team: "ü" };
    assert.deepEqual(sizeOf({ ...named, labels }), [4 + 12 + 1 + 4 + 2, 6 + 12 + 1 + 4 + 2]);
  });

  it("counts the spec of a newer type as JSON, and its status at the most", () => {
    assert.deepEqual(sizeOf({ ...named, spec: { a: "b" } }), [2 + 9, 2 + 9 + 2]);
    assert.deepEqual(sizeOf({ ...named, spec: {}, status: { x: 1 } }), [2 + 2, 2 + 2 + 7]);
  });

  it("counts six bytes for what Go escapes", () => {
    assert.deepEqual(sizeOf({ ...named, spec: { a: "<&>" } }), [2 + 11 + 15, 2 + 11 + 15 + 2]);
  });

  it("counts the texts of an older type at least, and all its JSON at the most", () => {
    const conf = { a: "text", b: [{ c: "ü" }, 7, null, true], d: null };
    const body = { conf, more: "xyz" };
    assert.deepEqual(sizeOf({ type: "TrafficRoute", mesh: "m", name: "n", ...body }), [
      2 + 4 + 2 + 3,
      2 + Buffer.byteLength(JSON.stringify(body)),
    ]);
  });

  it("leaves out what the control plane adds to the answer", () => {
    const times = { creationTime: "2026-01-01T00:00:00Z", modificationTime: "2026-01-01T00:00:00Z" };
    assert.deepEqual(sizeOf({ type: "Mesh", name: "n", ...times }), sizeOf({ type: "Mesh", name: "n" }));
  });

  it("adds up each type, and gives the largest first", () => {
    const large = { ...named, type: "MeshRetry", spec: { text: "x".repeat(2_000) } };
    const small = { ...named, type: "MeshTrace" };
    const sizes = messageSizes([small, named, large, { ...named, name: "nn" }]);
    assert.deepEqual(sizes, [
      { type: "MeshRetry", count: 1, atLeast: 17 + 2 + 2_011, atMost: 417 + 2 + 2_013 },
      { type: "MeshTimeout", count: 2, atLeast: 17 * 2 + 9, atMost: 417 * 2 + 13 },
      { type: "MeshTrace", count: 1, atLeast: 17 + 4, atMost: 417 + 6 },
    ]);
    assert.deepEqual(messageSizes([]), []);
  });
});
