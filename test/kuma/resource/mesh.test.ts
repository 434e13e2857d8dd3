import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { Resource, builtinSecretNames, meshForGlobal } from "../../../kuma";
import { asJson } from "../../support/arbitraries";

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
