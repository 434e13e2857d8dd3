import * as assert from "node:assert/strict";
import { ResourceType } from "../../../kuma";
import {
  WrongAnswer,
  databaseIn,
  quoted,
  readConfig,
  readInfo,
  readItem,
  readPage,
  readTypes,
} from "../../../kuma/api/answers";

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

describe("kuma/api/answers", () => {
  describe("readInfo", () => {
    const read = (body: unknown) => readInfo(JSON.stringify(body));
    const info = { product: "Kuma", version: "2.14.3" };

    it("takes product, version and what else is told", () => {
      const all = { ...info, instanceId: "i", clusterId: "c", gui: "/gui" };
      assert.deepEqual(read({ ...all, other: 1 }), all);
      assert.deepEqual(read({ ...info, gui: "", clusterId: null }), info);
    });

    it("takes the tagline of an old one for its product", () => {
      assert.deepEqual(read({ tagline: "Kuma", version: "2.0.0" }), { product: "Kuma", version: "2.0.0" });
      assert.equal(read({ ...info, tagline: "Other" })?.product, "Kuma");
    });

    it("takes nothing else for a control plane", () => {
      for (const body of [
        {},
        [],
        null,
        "Kuma",
        { product: "Kuma" },
        { version: "2" },
        { ...info, version: 2 },
        { ...info, gui: ["x"] },
        { ...info, version: "a\nb" },
        { ...info, version: "" },
      ])
        assert.equal(read(body), undefined, JSON.stringify(body));
      assert.equal(readInfo("<html>"), undefined);
    });

    it("takes words of 200 characters together at the most", () => {
      assert.ok(read({ product: "p".repeat(100), version: "v".repeat(100) }));
      assert.equal(read({ product: "p".repeat(100), version: "v".repeat(101) }), undefined);
    });
  });

  describe("readConfig", () => {
    it("reads all that matters of a zone", () => {
      const body = {
        mode: "zone",
        environment: "kubernetes",
        store: { type: "postgres", postgres: { host: "db", port: 5432, dbName: "kuma" } },
        multizone: {
          zone: {
            name: "z",
            globalAddress: "grpcs://g:5685",
            kds: { rootCaFile: "/ca.pem", tlsSkipVerify: true, maxMsgSize: 7 },
          },
          global: { kds: { auth: { type: "zoneToken" }, maxMsgSize: 8 } },
        },
        kmesh: { multizone: { zone: { konnect: { cpId: "c-1" } } } },
        apiServer: {
          readOnly: true,
          authn: { localhostIsAdmin: false, tokens: { validator: { publicKeys: [{}] } } },
        },
      };
      assert.deepEqual(readConfig(body), {
        ...{ mode: "zone", environment: "kubernetes", zoneName: "z", globalAddress: "grpcs://g:5685" },
        ...{ storeType: "postgres", database: { host: "db", port: 5432, name: "kuma" } },
        ...{ kdsRootCaFile: "/ca.pem", kdsSkipsVerify: true, konnectControlPlaneId: "c-1", readOnly: true },
        ...{
          kdsAuth: "zoneToken",
          localhostIsAdmin: false,
          kdsMaxMsgSize: { global: 8, zone: 7 },
          hasPublicKeys: true,
        },
      });
    });

    it("leaves out what is not told", () => {
      const bare = {
        mode: "zone",
        environment: "universal",
        zoneName: undefined,
        globalAddress: undefined,
        storeType: undefined,
        database: undefined,
        readOnly: false,
      };
      assert.deepEqual(readConfig({}), bare);
      const empty = {
        mode: "standalone",
        environment: "",
        multizone: {
          zone: { name: "", kds: { rootCaFile: "", tlsSkipVerify: "true", maxMsgSize: 0 } },
          global: { kds: { maxMsgSize: -1 } },
        },
        apiServer: {
          readOnly: "true",
          authn: { localhostIsAdmin: "yes", tokens: { validator: { publicKeys: [] } } },
        },
      };
      assert.deepEqual(readConfig(empty), bare);
      assert.equal(readConfig({ mode: "global" }).mode, "global");
    });

    it("reads what Kong Mesh asks zones for, where Kuma's own setting is not there", () => {
      const auth = (type: string) => ({ multizone: { global: { kds: { auth: { type } } } } });
      assert.equal(readConfig({ kmesh: auth("cpToken") }).kdsAuth, "cpToken");
      assert.equal(readConfig({ ...auth("zoneToken"), kmesh: auth("cpToken") }).kdsAuth, "zoneToken");
    });

    it("takes a size of either side, that is a whole number above 0", () => {
      const size = (side: string, maxMsgSize: unknown) =>
        readConfig({ multizone: { [side]: { kds: { maxMsgSize } } } }).kdsMaxMsgSize;
      assert.deepEqual(size("global", 1), { global: 1, zone: undefined });
      assert.deepEqual(size("zone", 1), { global: undefined, zone: 1 });
      for (const none of [0, -1, 1.5, "7", null]) assert.equal(size("zone", none), undefined);
    });

    it("takes neither another document nor a text that is none", () => {
      for (const body of [undefined, null, [], "text"])
        assert.throws(() => readConfig(body), wrong("it is no object"));
      assert.throws(
        () => readConfig({ multizone: { zone: { name: 7 } } }),
        wrong("multizone.zone.name is no line of text"),
      );
      assert.throws(() => readConfig({ environment: "a\nb" }), wrong("environment is no line of text"));
      assert.equal(readConfig({ environment: "e".repeat(4096) }).environment.length, 4096);
      assert.throws(
        () => readConfig({ environment: "e".repeat(4097) }),
        wrong("environment is no line of text"),
      );
    });

    it("knows a database by all that tells it from another one", () => {
      const postgres = { host: "db", port: 5432, dbName: "kuma" };
      assert.deepEqual(databaseIn({ store: { type: "postgres", postgres } }), {
        host: "db",
        port: 5432,
        name: "kuma",
      });
      for (const store of [
        { type: "memory", postgres },
        { type: "postgres" },
        { type: "postgres", postgres: { ...postgres, host: "" } },
        { type: "postgres", postgres: { ...postgres, dbName: null } },
        { type: "postgres", postgres: { ...postgres, port: "5432" } },
      ])
        assert.equal(databaseIn({ store }), undefined, JSON.stringify(store));
    });
  });

  describe("readTypes", () => {
    const read = (...resources: unknown[]) => readTypes({ resources });

    it("takes them as they are", () => {
      const types = [
        TIMEOUT,
        MESH,
        { ...TIMEOUT, name: "Novelty", path: "novelties", policy: { isTargetRef: true } },
      ];
      assert.deepEqual(read(...types), types);
      assert.deepEqual(read(), []);
    });

    it("takes no more than a thousand", () => {
      const many = (count: number) =>
        Array.from({ length: count }, (_, i) => ({ name: `T${i}`, scope: "Mesh", path: `t${i}` }));
      assert.equal(read(...many(1_000)).length, 1_000);
      assert.throws(() => read(...many(1_001)), wrong("it has more than 1000 types"));
    });

    for (const [what, resources, message] of [
      ["no list", { resources: {} }, "it has no list of types"],
      ["nothing", undefined, "it has no list of types"],
      ["a name that is none", { resources: [{ ...TIMEOUT, name: "a" }] }, 'no type is called "a"'],
      ["no object", { resources: [7] }, "no type is called missing"],
      [
        "a path that is none",
        { resources: [{ ...TIMEOUT, path: "../x" }] },
        'the path of MeshTimeout is "../x"',
      ],
      [
        "a scope that is none",
        { resources: [{ ...TIMEOUT, scope: "Zone" }] },
        'the scope of MeshTimeout is "Zone"',
      ],
      [
        "a mesh that is in a mesh",
        { resources: [{ ...MESH, scope: "Mesh" }] },
        "Mesh is not what it is in Kuma",
      ],
      ["a mesh elsewhere", { resources: [{ ...MESH, path: "mesh" }] }, "Mesh is not what it is in Kuma"],
      ["a mesh that is a policy", { resources: [{ ...MESH, policy: {} }] }, "Mesh is not what it is in Kuma"],
      [
        "a type at the path of secrets",
        { resources: [{ ...TIMEOUT, path: "secrets" }] },
        "MeshTimeout is not what it is in Kuma",
      ],
      [
        "a type twice",
        { resources: [TIMEOUT, { ...TIMEOUT, path: "others" }] },
        "it has two types MeshTimeout, or two of its path",
      ],
      [
        "a path twice",
        { resources: [TIMEOUT, { ...TIMEOUT, name: "Other" }] },
        "it has two types Other, or two of its path",
      ],
    ] as const)
      it(`refuses ${what}`, () => assert.throws(() => readTypes(resources), wrong(message)));

    it("knows where zones and secrets are as well", () => {
      const places = {
        Zone: ["Global", "zones"],
        Secret: ["Mesh", "secrets"],
        GlobalSecret: ["Global", "globalsecrets"],
      };
      for (const [name, [scope, path]] of Object.entries(places)) {
        assert.equal(read({ name, scope, path }).length, 1);
        const other = scope === "Mesh" ? "Global" : "Mesh";
        assert.throws(() => read({ name, scope: other, path }), wrong(`${name} is not what it is in Kuma`));
        assert.throws(
          () => read({ name, scope, path: `${path}x` }),
          wrong(`${name} is not what it is in Kuma`),
        );
      }
    });
  });

  describe("readPage and readItem", () => {
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

  it("quotes what others say short, and in one line", () => {
    const values = [undefined, null, [], {}, 7, true, "a\nb", `${"x".repeat(80)}y`];
    assert.deepEqual(values.map(quoted), [
      "missing",
      "null",
      "a list",
      "a object",
      "a number",
      "a boolean",
      '"a\\nb"',
      `"${"x".repeat(80)}"`,
    ]);
  });
});
