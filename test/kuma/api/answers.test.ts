import * as assert from "node:assert/strict";
import { ResourceType } from "../../../kuma";
import { WrongAnswer, databaseIn, quoted, readConfig, readInfo, readTypes } from "../../../kuma/api/answers";

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
