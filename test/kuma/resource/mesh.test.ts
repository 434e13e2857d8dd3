import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { Resource, beforeItsSecrets, builtinSecretNames, meshForGlobal } from "../../../kuma";
import { asJson } from "../../support/resources/arbitraries";

const builtin = {
  name: "ca-1",
  type: "builtin",
  dpCert: { rotation: { expiration: "1d" } },
  mode: "PERMISSIVE",
};
const provided = { name: "ca-2", type: "provided", conf: { cert: { secret: "c" }, key: { secret: "k" } } };

describe("kuma/resource/mesh", () => {
  it("turns a builtin authority into a provided one that points at the zone's secrets", () => {
    const mesh: Resource = {
      type: "Mesh",
      name: "m-1",
      mtls: { enabledBackend: "ca-1", backends: [provided, builtin] },
      metrics: { enabledBackend: "prometheus-1" },
      labels: { team: "a" },
    };
    assert.deepEqual(meshForGlobal(mesh), {
      type: "Mesh",
      name: "m-1",
      mtls: {
        enabledBackend: "ca-1",
        skipValidation: true,
        backends: [
          provided,
          {
            name: "ca-1",
            type: "provided",
            dpCert: { rotation: { expiration: "1d" } },
            mode: "PERMISSIVE",
            conf: {
              cert: { secret: "m-1.ca-builtin-cert-ca-1" },
              key: { secret: "m-1.ca-builtin-key-ca-1" },
            },
          },
        ],
      },
      metrics: { enabledBackend: "prometheus-1" },
      labels: { team: "a" },
      skipCreatingInitialPolicies: ["*"],
    });
    assert.equal(builtin.type, "builtin");
  });

  it("leaves other authorities alone", () => {
    const mtls = { enabledBackend: "ca-2", backends: [provided, { name: "v", type: "vault", conf: {} }] };
    assert.deepEqual(meshForGlobal({ type: "Mesh", name: "m", mtls }), {
      type: "Mesh",
      name: "m",
      mtls,
      skipCreatingInitialPolicies: ["*"],
    });
  });

  it("takes a mesh without mTLS, and replaces a shorter list of policies to skip", () => {
    const mesh = { type: "Mesh", name: "m", skipCreatingInitialPolicies: ["TrafficRoute"] };
    const expected = { type: "Mesh", name: "m", skipCreatingInitialPolicies: ["*"] };
    assert.deepEqual(meshForGlobal(mesh), expected);
    assert.deepEqual(meshForGlobal({ ...mesh, mtls: {} }), { ...expected, mtls: {} });
  });

  it("has the files of an authority not looked for, as they lie on the zone's disk", () => {
    const inFile = (part: "cert" | "key") => ({
      name: "ca",
      type: "provided",
      conf: { ...provided.conf, [part]: { file: "/x" } },
    });
    for (const backends of [[inFile("cert")], [inFile("key")], [provided, inFile("key")]]) {
      const { mtls } = meshForGlobal({ type: "Mesh", name: "m", mtls: { backends } });
      assert.deepEqual(mtls, { backends, skipValidation: true });
    }
    // what is no authority of its own is not read
    const strange = { name: "ca", type: "builtin", conf: { cert: { file: "/x" } } };
    const { mtls } = meshForGlobal({ type: "Mesh", name: "m", mtls: { backends: [strange] } });
    assert.deepEqual((mtls as { backends: { conf: object }[] }).backends[0].conf, {
      cert: { secret: "m.ca-builtin-cert-ca" },
      key: { secret: "m.ca-builtin-key-ca" },
    });
  });

  describe("before its secrets are there", () => {
    const mesh = (mtls?: object, type = "Mesh"): Resource => ({ type, name: "m", mtls, routing: { a: 1 } });
    const certOnly = { name: "ca", type: "provided", conf: { cert: { secret: "c" }, key: { file: "/k" } } };

    it("is a mesh whose authority is not looked at", () => {
      for (const backends of [[provided], [builtin, provided], [certOnly]])
        assert.deepEqual(beforeItsSecrets(mesh({ enabledBackend: "ca-2", backends })), {
          type: "Mesh",
          name: "m",
          mtls: { enabledBackend: "ca-2", backends, skipValidation: true },
          routing: { a: 1 },
        });
    });

    it("is nothing else where it names none, or they are not looked at", () => {
      const inFile = { name: "ca", type: "provided", conf: { cert: { file: "/c" }, key: { file: "/k" } } };
      for (const each of [
        mesh(),
        mesh({}),
        mesh({ backends: [] }),
        mesh({ backends: [builtin] }),
        mesh({ backends: [{ ...builtin, conf: provided.conf }] }),
        mesh({ backends: [inFile] }),
        mesh({ backends: [{ name: "v", type: "vault" }] }),
        mesh({ skipValidation: true, backends: [provided] }),
        mesh({ backends: [provided] }, "MeshIdentity"),
      ])
        assert.equal(beforeItsSecrets(each), undefined, JSON.stringify(each));
    });
  });

  it("names the secrets of a builtin authority as Kuma does", () => {
    assert.deepEqual(builtinSecretNames("default", "ca-1"), {
      cert: "default.ca-builtin-cert-ca-1",
      key: "default.ca-builtin-key-ca-1",
    });
  });

  const backends = fc.array(
    fc.record(
      {
        name: fc.stringMatching(/^[a-z0-9-]{1,63}$/),
        type: fc.constantFrom("builtin", "provided", "vault", "certmanager"),
        mode: fc.constantFrom("STRICT", "PERMISSIVE"),
        conf: fc.jsonValue({ maxDepth: 1 }),
      },
      { requiredKeys: ["name", "type"] },
    ),
    { maxLength: 4 },
  );
  const meshes: fc.Arbitrary<Resource> = asJson(
    fc.record({
      name: fc.stringMatching(/^[a-z0-9-]{1,63}$/),
      backends,
      routing: fc.jsonValue({ maxDepth: 1 }),
    }),
  ).map(({ name, backends, routing }) => ({
    type: "Mesh",
    name,
    routing,
    mtls: { enabledBackend: backends[0]?.name, backends },
  }));

  it("is idempotent", () => {
    fc.assert(
      fc.property(meshes, (mesh) =>
        assert.deepEqual(meshForGlobal(meshForGlobal(mesh)), meshForGlobal(mesh)),
      ),
    );
  });

  it("keeps the order of the authorities, every other field, and the mesh that it was given", () => {
    fc.assert(
      fc.property(meshes, (mesh) => {
        const before = structuredClone(mesh);
        type Mtls = { backends: { name: string; type: string; mode?: string }[]; enabledBackend?: string };
        const from = mesh.mtls as Mtls;
        const to = meshForGlobal(mesh).mtls as Mtls;
        assert.deepEqual(
          to.backends.map(({ name, mode }) => [name, mode]),
          from.backends.map(({ name, mode }) => [name, mode]),
        );
        assert.equal(to.enabledBackend, from.enabledBackend);
        assert.ok(to.backends.every(({ type }) => type !== "builtin"));
        assert.deepEqual(meshForGlobal(mesh).routing, mesh.routing);
        assert.deepEqual(mesh, before);
      }),
    );
  });
});
