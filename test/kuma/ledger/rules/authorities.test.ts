import * as assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { Resource } from "../../../../kuma";
import { base64, explainedBy, foretoldBy, ofZone, secret } from "../records";

const GLOBAL = { "kuma.io/origin": "global" };
const mesh = (fields: object = {}): Resource => ({ type: "Mesh", name: "m", ...fields });
const backend = (type: string, name: string, fields: object = {}) => ({ type, name, ...fields });
const withBackends = (...backends: object[]) => mesh({ mtls: { enabledBackend: "ca", backends } });
const conf = (name: string, key = name) => ({
  conf: { cert: { secret: `m.ca-builtin-cert-${name}` }, key: { secret: `m.ca-builtin-key-${key}` } },
});
const keysOf = (name: string, text = name) =>
  ["cert", "key"].map((part) => secret({ name: `m.ca-builtin-${part}-${name}`, data: base64(part + text) }));
const globalSecret = (name: string, text = "a", labels?: Record<string, string>): Resource => ({
  ...{ type: "GlobalSecret", name, data: base64(text) },
  ...(labels && { labels }),
});

describe("kuma/ledger/rules/authorities: builtin-became-provided", () => {
  const code = "builtin-became-provided";
  const before = [withBackends(backend("builtin", "ca")), ...keysOf("ca")];
  const after = (fields: object = conf("ca")) => withBackends(backend("provided", "ca", fields));

  it("explains type and conf of a backend of the same keys, wherever it stands", () => {
    assert.deepEqual(explainedBy(code, before, [after(), ...keysOf("ca")]), [
      "mtls.backends.0.conf",
      "mtls.backends.0.type",
    ]);
    const many = (last: object) => withBackends(...Array.from({ length: 10 }, () => backend("x", "x")), last);
    const [was, is] = [many(backend("builtin", "ca")), many(backend("provided", "ca", conf("ca")))];
    assert.deepEqual(explainedBy(code, [was, ...keysOf("ca")], [is, ...keysOf("ca")]), [
      "mtls.backends.10.conf",
      "mtls.backends.10.type",
    ]);
  });

  for (const [what, is] of [
    ["keys that are others", [after(), ...keysOf("ca", "other")]],
    ["a certificate that is another", [after(), keysOf("ca", "other")[0], keysOf("ca")[1]]],
    ["a key that is another", [after(), keysOf("ca")[0], keysOf("ca", "other")[1]]],
    ["keys that are gone", [after()]],
    ["a name of another secret", [after(conf("other")), ...keysOf("ca"), ...keysOf("other", "ca")]],
    ["a name of another key", [after(conf("ca", "other")), ...keysOf("ca")]],
    ["no names of secrets", [after({}), ...keysOf("ca")]],
    ["another name", [withBackends(backend("provided", "b", conf("ca"))), ...keysOf("ca")]],
    ["another type", [withBackends(backend("vault", "ca", conf("ca"))), ...keysOf("ca")]],
    ["no mtls", [mesh(), ...keysOf("ca")]],
  ] as const) {
    it(`does not explain a backend with ${what}`, () =>
      assert.deepEqual(explainedBy(code, before, [...is]), []));
  }

  it("does not explain a backend that was provided before, or had no keys", () => {
    const provided = withBackends(backend("provided", "ca", conf("other")));
    const is = [after(), ...keysOf("ca")];
    assert.deepEqual(explainedBy(code, [provided, ...keysOf("ca")], is), []);
    assert.deepEqual(explainedBy(code, [before[0]], is), []);
    assert.deepEqual(explainedBy(code, [before[0]], [is[0]]), []);
  });

  it("does not explain other fields of the backend, or of the mesh", () => {
    const is = withBackends(backend("provided", "ca", { ...conf("ca"), typed: 1, mode: "PERMISSIVE" }));
    assert.deepEqual(explainedBy(code, before, [is, ...keysOf("ca")]), [
      "mtls.backends.0.conf",
      "mtls.backends.0.type",
    ]);
    assert.deepEqual(explainedBy(code, [mesh({ type: "Dataplane" })], [after()]), []);
  });

  it("is foretold of a mesh with a builtin backend, as is that secrets come later", () => {
    const both = withBackends(backend("provided", "a"), backend("builtin", "b"));
    const others = [withBackends(backend("provided", "a")), mesh(), mesh({ mtls: { backends: "builtin" } })];
    for (const [rule, what] of [
      [code, "its builtin authority becomes a provided one of the same keys"],
      ["secrets-come-after-the-mesh", "mtls.skipValidation: true"],
    ]) {
      assert.equal(foretoldBy(rule, both), what);
      for (const each of [...others, { ...both, type: "MeshTrust" }])
        assert.equal(foretoldBy(rule, each), undefined);
    }
  });
});

describe("kuma/ledger/rules/authorities: what a mesh gets for its move", () => {
  it("secrets-come-after-the-mesh explains mtls.skipValidation: true alone", () => {
    const code = "secrets-come-after-the-mesh";
    const explained = (was: object, is: object) => explainedBy(code, [mesh(was)], [mesh(is)]);
    const before = { mtls: { enabledBackend: "" } };
    assert.deepEqual(explained(before, { mtls: { enabledBackend: "", skipValidation: true } }), [
      "mtls.skipValidation",
    ]);
    assert.deepEqual(explained(before, { mtls: { enabledBackend: "", skipValidation: false } }), []);
    assert.deepEqual(explained(before, { mtls: { enabledBackend: "", skipValidationOf: true } }), []);
    const nested = { mtls: { enabledBackend: "" }, old: { mtls: { skipValidation: true } } };
    assert.deepEqual(explained({ ...before, old: { mtls: {} } }, nested), []);
  });

  it("no-initial-policies explains that there are none, and not that there are fewer", () => {
    const code = "no-initial-policies";
    const explained = (now: unknown, was?: unknown) =>
      explainedBy(
        code,
        [mesh({ skipCreatingInitialPolicies: was })],
        [mesh({ skipCreatingInitialPolicies: now })],
      );
    assert.deepEqual(explained(["*"]), ["skipCreatingInitialPolicies"]);
    assert.deepEqual(explained(["*"], ["MeshRetry"]), ["skipCreatingInitialPolicies.0"]);
    for (const now of [["MeshRetry"], ["*", "MeshRetry"], "*", {}]) assert.deepEqual(explained(now), []);
    const nested = (mode: string) =>
      mesh({ skipCreatingInitialPolicies: ["*"], routing: { skipCreatingInitialPolicies: mode } });
    assert.deepEqual(explainedBy(code, [nested("a")], [nested("b")]), []);
  });

  it("no-initial-policies is foretold of a mesh that has not said so itself", () => {
    const foretold = (resource: Resource) => foretoldBy("no-initial-policies", resource);
    assert.equal(foretold(mesh()), "skipCreatingInitialPolicies: ['*']");
    assert.equal(foretold(mesh({ skipCreatingInitialPolicies: ["MeshRetry"] })) !== undefined, true);
    assert.equal(foretold(mesh({ skipCreatingInitialPolicies: ["*"] })), undefined);
    assert.equal(foretold(secret()), undefined);
  });
});

describe("kuma/ledger/rules/authorities: zone-token-key-is-the-globals", () => {
  const code = "zone-token-key-is-the-globals";
  const [PRIVATE, PUBLIC] = ["zone-token-signing-key-1", "zone-token-signing-public-key-1"];
  const pair = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey;
  const pem = pair.export({ type: "pkcs1", format: "pem" }).toString();
  const half = createPublicKey(pair).export({ type: "pkcs1", format: "pem" }).toString();
  const other = createPublicKey(generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey)
    .export({ type: "pkcs1", format: "pem" })
    .toString();
  const named = { ...GLOBAL, "kuma.io/display-name": PRIVATE };

  it("explains the private key that became its public half under another name", () => {
    const explained = (text: string) =>
      explainedBy(code, [globalSecret(PRIVATE, pem)], [globalSecret(PUBLIC, text, named)]);
    assert.deepEqual(explained(half), ["renamed", "data"]);
    assert.deepEqual(explained(other), ["renamed"]);
    assert.deepEqual(explained("no key"), ["renamed"]);
  });

  it("explains a public key that comes from the global, and the private one that is gone", () => {
    assert.deepEqual(explainedBy(code, [], [globalSecret(PUBLIC, half, GLOBAL)]), ["new"]);
    assert.deepEqual(explainedBy(code, [], [globalSecret(PUBLIC, half, ofZone)]), []);
    assert.deepEqual(explainedBy(code, [], [globalSecret(PUBLIC, half)]), []);
    assert.deepEqual(explainedBy(code, [], [globalSecret(PRIVATE, pem, GLOBAL)]), []);
    assert.deepEqual(explainedBy(code, [globalSecret(PRIVATE, pem)], []), ["gone"]);
    assert.deepEqual(explainedBy(code, [globalSecret(PUBLIC, half)], []), []);
  });

  it("explains no change of a private key, and no other secret", () => {
    const users = (name: string) => globalSecret(name, half, { "kuma.io/display-name": PRIVATE });
    assert.deepEqual(explainedBy(code, [globalSecret(PRIVATE, pem)], [globalSecret(PRIVATE, half)]), []);
    assert.deepEqual(explainedBy(code, [globalSecret(PRIVATE, pem)], [users("partner")]), []);
    assert.deepEqual(explainedBy(code, [globalSecret("partner", pem)], [globalSecret("partner", half)]), []);
    const inMesh = secret({ name: PUBLIC, labels: GLOBAL });
    assert.deepEqual(explainedBy(code, [], [inMesh]), []);
    assert.deepEqual(explainedBy(code, [secret({ name: PRIVATE })], []), []);
  });

  it("explains of a renamed key its data alone", () => {
    const before = { ...globalSecret(PRIVATE, pem), d: { ata: 1 } };
    assert.deepEqual(explainedBy(code, [before], [{ ...globalSecret(PUBLIC, half, named), d: { ata: 2 } }]), [
      "renamed",
      "data",
    ]);
  });

  it("is foretold of private keys", () => {
    assert.equal(
      foretoldBy(code, globalSecret(PRIVATE)),
      "goes to the global, and the zone gets its public half",
    );
    for (const each of [globalSecret(PUBLIC), secret({ name: PRIVATE }), globalSecret("partner")])
      assert.equal(foretoldBy(code, each), undefined);
  });
});

describe("kuma/ledger/rules/authorities: key-of-a-former-global", () => {
  const code = "key-of-a-former-global";
  const NAME = "zone-token-signing-public-key-1";
  const former = globalSecret(NAME, "a", GLOBAL);

  it("explains that it gives way to the global's, or goes", () => {
    assert.deepEqual(explainedBy(code, [former], [globalSecret(NAME, "b", GLOBAL)]), ["data"]);
    assert.deepEqual(explainedBy(code, [former], []), ["gone"]);
  });

  it("explains nothing of another's, nor of another secret", () => {
    assert.deepEqual(explainedBy(code, [former], [globalSecret(NAME, "b", ofZone)]), []);
    assert.deepEqual(explainedBy(code, [globalSecret(NAME, "a")], []), []);
    assert.deepEqual(explainedBy(code, [], [former]), []);
    assert.deepEqual(explainedBy(code, [globalSecret("zone-token-signing-key-1", "a", GLOBAL)], []), []);
  });

  it("foretells it", () => {
    assert.match(foretoldBy(code, former) ?? "", /gives way .* zone tokens of a former one end/);
    assert.equal(foretoldBy(code, globalSecret(NAME, "a")), undefined);
  });
});

describe("kuma/ledger/rules/authorities: what a control plane makes anew", () => {
  const AUTHORITY = "own-authority-made-anew";
  const TOKENS = "own-tokens-made-anew";
  const changed = (code: string, name: string, around: Parameters<typeof explainedBy>[3] = {}) =>
    explainedBy(code, [globalSecret(name)], [globalSecret(name, "b")], around);

  it("explains the data of its own secrets on a new store", () => {
    for (const name of ["envoy-admin-ca", "inter-cp-ca"]) {
      assert.deepEqual(changed(AUTHORITY, name), ["data"]);
      assert.deepEqual(changed(TOKENS, name), []);
    }
    for (const name of ["admin-user-token", "user-token-signing-key-1"]) {
      assert.deepEqual(changed(TOKENS, name), ["data"]);
      assert.deepEqual(changed(AUTHORITY, name), []);
    }
    const kept = { fields: { store: "kubernetes" } } as const;
    assert.deepEqual(changed(AUTHORITY, "inter-cp-ca", kept), []);
    assert.deepEqual(changed(TOKENS, "admin-user-token", kept), []);
    assert.deepEqual(changed(AUTHORITY, "inter-cp-ca", { fields: { store: "file" } }), []);
    assert.deepEqual(
      changed(AUTHORITY, "inter-cp-ca", { occasion: "back", fields: { store: "file" } }),
      ["data"],
      "the stand-in's file is removed on the way back",
    );
    assert.deepEqual(
      changed(AUTHORITY, "inter-cp-ca", { occasion: "back", fields: { store: "postgres" } }),
      [],
    );
  });

  it("explains neither what came from the global, nor a field that is not its data, nor another's secret", () => {
    const [was, is] = [globalSecret("inter-cp-ca"), globalSecret("inter-cp-ca", "b", GLOBAL)];
    assert.deepEqual(explainedBy(AUTHORITY, [was], [is]), []);
    assert.deepEqual(explainedBy(AUTHORITY, [was], [{ ...was, note: "x" }]), []);
    assert.deepEqual(explainedBy(AUTHORITY, [was], []), []);
    for (const name of ["partner", "my-user-token-signing-key-1", "my-admin-user-token"])
      assert.deepEqual(changed(TOKENS, name), []);
    for (const name of ["inter-cp-ca", "admin-user-token", "user-token-signing-key-1"]) {
      const [before, after] = [secret({ name, data: "a" }), secret({ name, data: "b" })];
      for (const code of [AUTHORITY, TOKENS]) assert.deepEqual(explainedBy(code, [before], [after]), []);
    }
  });

  it("explains signing keys whose numbers begin anew, and no other secret that comes or goes", () => {
    const key = globalSecret("user-token-signing-key-2");
    assert.deepEqual(explainedBy(TOKENS, [key], []), ["gone"]);
    assert.deepEqual(explainedBy(TOKENS, [], [key]), ["new"]);
    assert.deepEqual(explainedBy(TOKENS, [key], [], { fields: { store: "kubernetes" } }), []);
    for (const name of ["admin-user-token", "partner"]) {
      assert.deepEqual(explainedBy(TOKENS, [globalSecret(name)], []), []);
      assert.deepEqual(explainedBy(TOKENS, [], [globalSecret(name)]), []);
    }
    assert.deepEqual(explainedBy(TOKENS, [key], [{ ...key, labels: { team: "a" } }]), []);
  });

  it("is foretold where the store is new", () => {
    const made = "is recreated by the control plane";
    for (const [code, name] of [
      [AUTHORITY, "envoy-admin-ca"],
      [AUTHORITY, "inter-cp-ca"],
      [TOKENS, "admin-user-token"],
      [TOKENS, "user-token-signing-key-1"],
    ]) {
      assert.equal(foretoldBy(code, globalSecret(name)), made);
      assert.equal(foretoldBy(code, globalSecret(name), { store: "postgres" }), made);
      assert.equal(foretoldBy(code, globalSecret(name), { store: "kubernetes" }), undefined);
      assert.equal(foretoldBy(code, globalSecret(name), { store: "file" }), undefined);
      assert.equal(foretoldBy(code, globalSecret("partner")), undefined);
    }
  });

  it("explains the list of revoked tokens that went with the keys which had signed them", () => {
    const code = "revoked-with-its-keys";
    const list = globalSecret("user-token-revocations");
    const key = globalSecret("user-token-signing-key-1");
    const another = globalSecret("user-token-signing-key-1", "b");
    assert.deepEqual(explainedBy(code, [list, key], [another]), ["gone"]);
    assert.deepEqual(explainedBy(code, [list, key], []), ["gone"]);
    assert.deepEqual(explainedBy(code, [list, key], [key]), []);
    const second = globalSecret("user-token-signing-key-2", "c");
    assert.deepEqual(explainedBy(code, [list, key, second], [another, second]), [], "one of them is left");
    const unrelated = globalSecret("partner");
    assert.deepEqual(explainedBy(code, [list, key, unrelated], [another, unrelated]), ["gone"]);
    assert.deepEqual(explainedBy(code, [list], [{ ...list, data: base64("b") }]), []);
    assert.deepEqual(explainedBy(code, [], [list]), []);
    assert.deepEqual(explainedBy(code, [unrelated], []), []);
    assert.deepEqual(explainedBy(code, [secret({ name: "user-token-revocations" })], []), []);
    assert.equal(foretoldBy(code, list), "goes to the global");
    assert.equal(foretoldBy(code, list, { store: "kubernetes" }), undefined);
    assert.equal(foretoldBy(code, unrelated), undefined);
    assert.equal(foretoldBy(code, secret({ name: "user-token-revocations" })), undefined);
  });
});
