import * as assert from "node:assert/strict";
import { ResourceType } from "../../../kuma";
import { WrongAnswer, readItem, readPage } from "../../../kuma/api/answers";

const TIMEOUT: ResourceType = {
  name: "MeshTimeout",
  scope: "Mesh",
  path: "meshtimeouts",
  readOnly: false,
  includeInFederation: true,
};
const MESH: ResourceType = { ...TIMEOUT, name: "Mesh", scope: "Global", path: "meshes" };
const wrong = (message: string | RegExp) => (error: Error) => {
  assert.ok(error instanceof WrongAnswer, String(error));
  if (typeof message === "string") assert.equal(error.message, message);
  else assert.match(error.message, message);
  return true;
};
describe("kuma/api/answers: pages and resources", () => {
  const item = { type: "MeshTimeout", mesh: "m", name: "n" };
  const page = (items: unknown, more: object = {}) => readPage({ items, ...more }, TIMEOUT);

  it("takes a page with and without a total, and an empty one in both ways", () => {
    assert.deepEqual(page([item], { total: 1 }), { items: [item], total: 1, offset: undefined });
    assert.deepEqual(page([item]), { items: [item], offset: undefined });
    assert.deepEqual(page(null, { total: 0 }), { items: [], total: 0, offset: undefined });
    assert.deepEqual(readPage({ items: [{ type: "Mesh", name: "m", mesh: "" }] }, MESH).items.length, 1);
  });

  it("takes of the next address the offset alone", () => {
    const offset = (next: unknown) => page([], { next }).offset;
    assert.equal(offset("http://elsewhere/x?offset=abc&size=1"), "abc");
    assert.equal(offset("http://elsewhere/x?size=1&offset=abc#y"), "abc");
    for (const none of [null, undefined, 7, "http://x", "http://x?noffset=1", "http://x?offset="])
      assert.equal(offset(none), undefined);
    assert.equal(offset(`?offset=${"o".repeat(200)}`)?.length, 200);
    assert.throws(() => offset(`?offset=${"o".repeat(201)}`), wrong("its next offset is too long"));
  });

  for (const [what, body, message] of [
    ["no list", { items: {} }, "it has no list of items"],
    ["nothing", {}, "it has no list of items"],
    ["a list alone", [item], "it has no list of items"],
    ["a total that is no number", { items: [], total: "1" }, "its total is no number"],
    ["a total below 0", { items: [], total: -1 }, "its total is no number"],
    ["a total that is not whole", { items: [], total: 0.5 }, "its total is no number"],
    ["an item that is no object", { items: [7] }, "an item of it is no object"],
    [
      "an item of another type",
      { items: [{ ...item, type: "Mesh" }] },
      'an item of it is of the type "Mesh"',
    ],
    ["a name that is none", { items: [{ ...item, name: ".." }] }, 'no MeshTimeout is called ".."'],
    ["a mesh that is none", { items: [{ ...item, mesh: "a/b" }] }, 'MeshTimeout n is in the mesh "a/b"'],
    ["no mesh", { items: [{ ...item, mesh: undefined }] }, "MeshTimeout n is in the mesh missing"],
    [
      "labels that are none",
      { items: [{ ...item, labels: [] }] },
      "MeshTimeout n has labels that are no object",
    ],
    [
      "a label that is no text",
      { items: [{ ...item, labels: { a: 7 } }] },
      "MeshTimeout n has a label a that is a number",
    ],
    [
      "a name in a label that is none",
      { items: [{ ...item, labels: { "kuma.io/zone": "../x" } }] },
      'MeshTimeout n has a label kuma.io/zone that is "../x"',
    ],
    [
      "an empty name in a label",
      { items: [{ ...item, labels: { "kuma.io/display-name": "" } }] },
      'MeshTimeout n has a label kuma.io/display-name that is ""',
    ],
  ] as const)
    it(`refuses ${what}`, () => assert.throws(() => readPage(body, TIMEOUT), wrong(message)));

  it("takes zones with capitals, by their name and in labels, and nothing else with them (kumahq/kuma 12988)", () => {
    const zone: ResourceType = { ...TIMEOUT, name: "ZoneOverview", scope: "Global", path: "zones+insights" };
    const of = (type: ResourceType, more: object) =>
      readPage({ items: [{ type: type.name, ...more }] }, type);
    assert.equal(of(zone, { name: "Zone-A" }).items.length, 1);
    assert.equal(of(TIMEOUT, { ...item, labels: { "kuma.io/zone": "Zone-A" } }).items.length, 1);
    assert.throws(() => of(TIMEOUT, { ...item, name: "A" }), wrong('no MeshTimeout is called "A"'));
    assert.throws(() => of(zone, { name: "a/b" }), wrong('no ZoneOverview is called "a/b"'));
  });

  it("takes labels of a user's, and empty ones of a zone and a namespace", () => {
    const labels = {
      "kuma.io/zone": "",
      "k8s.kuma.io/namespace": "",
      "kuma.io/display-name": "n",
      team: "Größe ☕",
    };
    assert.equal(
      page([
        { ...item, labels },
        { ...item, labels: null },
      ]).items.length,
      2,
    );
  });

  it("refuses a global resource in a mesh", () => {
    const inMesh = { items: [{ type: "Mesh", name: "m", mesh: "other" }] };
    assert.throws(() => readPage(inMesh, MESH), wrong('Mesh m is in the mesh "other"'));
  });

  it("refuses a mesh whose authorities cannot be read, and minds no other type's", () => {
    const mesh = (backends: unknown) =>
      readPage({ items: [{ type: "Mesh", name: "m", mtls: { backends } }] }, MESH);
    mesh(undefined);
    mesh([]);
    mesh([{ name: "a", type: "builtin" }]);
    for (const backends of [
      null,
      {},
      "x",
      [7],
      [{ name: "a" }],
      [{ type: "builtin" }],
      [{ name: "a", type: "b\n" }],
      [{ name: "a", type: "builtin" }, {}],
    ])
      assert.throws(
        () => mesh(backends),
        wrong("Mesh m has mTLS backends that are none"),
        JSON.stringify(backends),
      );
    page([{ ...item, mtls: { backends: 7 } }]);
  });

  it("takes one resource that is the one that was asked for", () => {
    const key = { type: "MeshTimeout", mesh: "m", name: "n" };
    assert.deepEqual(readItem(item, TIMEOUT, key), item);
    assert.deepEqual(
      readItem({ ...item, mesh: "default" }, TIMEOUT, { type: "MeshTimeout", name: "n" }).mesh,
      "default",
    );
    assert.deepEqual(
      readItem({ type: "Mesh", name: "m", mesh: null }, MESH, { type: "Mesh", name: "m" }).name,
      "m",
    );
    for (const other of [
      undefined,
      [],
      { ...item, name: "o" },
      { ...item, mesh: "o" },
      { ...item, type: "Mesh" },
      { ...item, mesh: undefined },
    ])
      assert.throws(() => readItem(other, TIMEOUT, key), wrong("it is another resource"));
    assert.throws(
      () => readItem({ type: "Mesh", name: "m", mesh: "m" }, MESH, { type: "Mesh", name: "m" }),
      wrong("it is another resource"),
    );
    assert.throws(
      () => readItem({ ...item, labels: 7 }, TIMEOUT, key),
      wrong("MeshTimeout n has labels that are no object"),
    );
  });
});
