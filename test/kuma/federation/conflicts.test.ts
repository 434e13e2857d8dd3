import * as assert from "node:assert/strict";
import {
  OnConflict,
  Resource,
  authorities,
  authorityChoice,
  authoritySecrets,
  choiceFor,
  identityChoice,
  identityOfAuthority,
  meshOfAuthority,
  parseKey,
} from "../../../kuma";

describe("kuma/federation/conflicts", () => {
  describe("the rule that decides", () => {
    const rules: OnConflict = [
      { resources: "MeshTimeout default/own-*", choice: "keepGlobal" },
      { resources: "MeshTimeout default/*", choice: "overwrite" },
      { resources: "Global* *", choice: "keepGlobal" },
      { resources: "Secret m.x/a+b", choice: "overwrite" },
    ];
    const decided: [string, string][] = [
      ["MeshTimeout default/own-a", "keepGlobal"],
      ["MeshTimeout default/all", "overwrite"],
      ["MeshTimeout other/all", "fail"],
      ["GlobalSecret a", "keepGlobal"],
      ["Secret m.x/a+b", "overwrite"],
      ["Secret mxx/a+b", "fail"],
      ["Secret m.x/aab", "fail"],
      ["Secret m.x/a+bc", "fail"],
      ["Mesh default", "fail"],
    ];
    for (const [key, choice] of decided) {
      it(`is ${choice} for ${key}`, () => assert.equal(choiceFor(parseKey(key), rules), choice));
    }

    it("is the one choice for everything", () => {
      assert.equal(choiceFor(parseKey("Mesh default"), "overwrite"), "overwrite");
    });
  });

  it("matches names that hold a line break", () => {
    assert.equal(
      choiceFor({ type: "T", name: "a\nb" }, [{ resources: "T a*b", choice: "overwrite" }]),
      "overwrite",
    );
  });

  it("lets only a rule that names the mesh decide about its authority", () => {
    const rules: OnConflict = [
      { resources: "Mesh *", choice: "overwrite" },
      { resources: "Mesh m", choice: "keepGlobal" },
      { resources: "Mesh m", choice: "overwrite" },
    ];
    assert.equal(authorityChoice("m", rules), "keepGlobal");
    assert.equal(authorityChoice("other", rules), "fail");
    assert.equal(authorityChoice("m", "overwrite"), "fail");
  });

  it("lets only a rule that names the secret, or its identity, decide about the authority of an identity", () => {
    const secret = { type: "Secret", mesh: "m", name: "s" };
    const identity = "MeshIdentity m/id";
    const decide = (resources: string) =>
      identityChoice(secret, identity, [{ resources, choice: "overwrite" }]);
    assert.deepEqual(["Secret m/s", identity, "Secret m/*", "MeshIdentity m/other", "*"].map(decide), [
      "overwrite",
      "overwrite",
      "fail",
      "fail",
      "fail",
    ]);
    assert.equal(identityChoice(secret, identity, "overwrite"), "fail");
    assert.equal(identityChoice(secret, identity, []), "fail");
  });

  describe("the mesh whose authority it is", () => {
    const builtin = { name: "ca", type: "builtin" };
    const provided = { name: "own", type: "provided", conf: { cert: { secret: "c" }, key: { secret: "k" } } };
    const mesh = (name: string, ...backends: object[]): Resource => ({
      type: "Mesh",
      name,
      mtls: { enabledBackend: "ca", backends },
    });
    const secret = (name: string, of = "m"): Resource => ({ type: "Secret", mesh: of, name, data: "eA==" });
    const of = (resource: Resource, meshes: Resource[] = []) => meshOfAuthority(resource, resource, meshes);

    it("is a mesh with other backends, or another one in force, and no other difference", () => {
      const m = mesh("m", builtin);
      assert.equal(meshOfAuthority(m, { ...m, routing: {} }, []), undefined);
      assert.equal(meshOfAuthority(m, mesh("m", { ...builtin, dpCert: {} }), []), undefined);
      assert.equal(meshOfAuthority(m, mesh("m", provided), []), "m");
      assert.equal(meshOfAuthority(m, { type: "Mesh", name: "m" }, []), "m");
      assert.equal(meshOfAuthority(m, { ...m, mtls: { backends: [builtin] } }, []), "m");
    });

    it("is the mesh of a secret that a backend of it names, or that signs its tokens", () => {
      const meshes = [mesh("other", provided), mesh("m", builtin, provided)];
      for (const name of [
        "m.ca-builtin-cert-ca",
        "m.ca-builtin-key-ca",
        "c",
        "k",
        "dataplane-token-signing-key-m-1",
      ])
        assert.equal(of(secret(name), meshes), "m", name);
      for (const name of ["other", "own", "ca"]) assert.equal(of(secret(name), meshes), undefined, name);
      assert.equal(of(secret("c"), [mesh("other", provided)]), undefined);
      assert.equal(of({ ...secret("c"), type: "GlobalSecret" }, meshes), undefined);
      assert.equal(of({ ...secret("c"), type: "MeshTimeout" }, meshes), undefined);
    });

    it("goes by the names that there are", () => {
      const half = (conf?: object) => authoritySecrets(mesh("m", { name: "x", type: "provided", conf }));
      assert.deepEqual(half({ cert: { secret: "c" } }), ["c"]);
      assert.deepEqual(half({ key: { secret: "k" } }), ["k"]);
      assert.deepEqual(half({ cert: { inline: "x" }, key: {} }), []);
      assert.deepEqual(half(), []);
      const both = mesh("m", builtin, provided);
      assert.deepEqual(authoritySecrets(both), ["m.ca-builtin-cert-ca", "m.ca-builtin-key-ca", "c", "k"]);
      // what is written beside a builtin authority is not read
      assert.deepEqual(authoritySecrets(mesh("m", { ...provided, type: "builtin" })), [
        "m.ca-builtin-cert-own",
        "m.ca-builtin-key-own",
      ]);
      assert.deepEqual(authoritySecrets({ type: "Mesh", name: "m" }), []);
      assert.deepEqual(authorities({ type: "Mesh", name: "m" }), { enabledBackend: undefined, backends: [] });
    });
  });

  describe("the identity whose authority a secret holds", () => {
    const identity = (name: string, ca?: object, labels?: Record<string, string>): Resource => ({
      ...{ type: "MeshIdentity", mesh: "m", name, labels },
      spec: { provider: { type: "Bundled", ...(ca && { bundled: { ca } }) } },
    });
    const of = (name: string, identities: Resource[], more: object = {}) =>
      identityOfAuthority({ type: "Secret", mesh: "m", name, ...more }, identities);
    const ref = (name: string) => ({ secretRef: { name } });

    it("is the one that it is named after, or that names it", () => {
      const plain = identity("id");
      const given = identity("given", { certificate: ref("own-cert"), privateKey: ref("own-key") });
      const all = [
        plain,
        given,
        identity("half", { certificate: {} }),
        { type: "MeshIdentity", mesh: "m", name: "no-spec" },
      ];
      for (const [name, expected] of [
        ["id-root-ca", "id"],
        ["id-private-key", "id"],
        ["own-cert", "given"],
        ["own-key", "given"],
        ["given-root-ca", "given"],
        ["no-spec-private-key", "no-spec"],
      ])
        assert.equal(of(name, all), `MeshIdentity m/${expected}`, name);
      assert.equal(of("id", all), undefined);
      assert.equal(of("undefined", all), undefined);
    });

    it("is told by the name that it had in its zone", () => {
      const copy = identity("id-hash", undefined, { "kuma.io/display-name": "id" });
      assert.equal(of("id-root-ca", [copy]), "MeshIdentity m/id");
      assert.equal(of("id-hash-root-ca", [copy]), undefined);
    });

    it("is none of another mesh, and no other kind of resource has one", () => {
      assert.equal(of("id-root-ca", [{ ...identity("id"), mesh: "other" }]), undefined);
      assert.equal(of("id-root-ca", [identity("id")], { type: "MeshTimeout" }), undefined);
      assert.equal(of("id-root-ca", []), undefined);
    });
  });
});
