import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as fc from "fast-check";
import { Resource, givenPolicies, keyOf, policiesFor, readPolicies, readPolicyFiles } from "../../../kuma";
import { cleanUp, tempDir } from "../../support/cleanUp";
import { kumaErrorOf } from "../../support/errors";

const GUIDES = path.join(__dirname, "../../../policies/demo");

describe("kuma/policies/policyFiles", () => {
  afterEach(cleanUp);

  const directory = (...files: string[]) => {
    const made = tempDir();
    for (const file of files) {
      fs.mkdirSync(path.join(made, path.dirname(file)), { recursive: true });
      fs.writeFileSync(
        path.join(made, file),
        `{type: MeshTimeout, mesh: m, name: ${path.basename(file, ".yaml")}}`,
      );
    }
    return made;
  };
  const namesFor = (made: string, version: string) =>
    policiesFor(readPolicies(made, "policies"), version).map(({ name }) => name);

  const made = () =>
    directory(
      "all.yaml",
      "before-2.10/old.yaml",
      "since-2.10/new.yaml",
      "since-2.12/newer.yaml",
      "drafts/x.yaml",
    );

  for (const [version, ...names] of [
    ["2.2.0", "all", "old"],
    ["2.9.9", "all", "old"],
    ["2.10.0", "all", "new"],
    ["v2.11.3", "all", "new"],
    ["2.12.0-rc1", "all", "new", "newer"],
    ["2.14.3", "all", "new", "newer"],
    ["0.0.0-preview.vabc1234", "all", "new", "newer"],
    ["unknown", "all", "new", "newer"],
  ]) {
    it(`picks ${names.join(", ")} for ${version}`, () => assert.deepEqual(namesFor(made(), version), names));
  }

  it("gives each version exactly one of two sides of a bound", () => {
    const sides = readPolicies(directory("before-2.10/old.yaml", "since-2.10/new.yaml"), "policies");
    fc.assert(
      fc.property(fc.nat(4), fc.nat(30), fc.nat(9), (major, minor, patch) => {
        const names = policiesFor(sides, `${major}.${minor}.${patch}`).map(({ name }) => name);
        const isOld = major > 0 && (major < 2 || (major === 2 && minor < 10));
        assert.deepEqual(names, [isOld ? "old" : "new"]);
      }),
    );
  });

  it("refuses a directory that looks like a bound and is none", async () => {
    for (const name of ["since-2", "before2.10", "since-2.10.1", "before2-since-2.1"]) {
      const wrong = directory(`${name}/x.yaml`);
      const { code, message } = await kumaErrorOf(() => readPolicies(wrong, "policies"));
      assert.equal(code, "invalid");
      assert.equal(
        message,
        `${path.join(wrong, name)} does not tell which versions its policies are for; call it like since-2.10 or before-2.10.`,
      );
    }
  });

  it("refuses a secret, for whatever version, without showing it", async () => {
    const made = directory("all.yaml", "since-2.10/new.yaml");
    const file = path.join(made, "since-2.10/secret.yaml");
    fs.writeFileSync(file, "{type: Secret, mesh: m, name: s, data: Y2FuYXJ5}");
    assert.deepEqual(await kumaErrorOf(() => readPolicies(made, "policies")), {
      code: "invalid",
      message: `${file}, document 1: Secret m/s in a directory of the setting policies. What stands there is kept in the stack's state in clear, so secrets are refused. Write it to the global with kumactl.`,
    });
  });

  it("finds a mistake in a file for a version that nobody has", async () => {
    const wrong = directory("all.yaml", "before-1.0/x.yaml");
    fs.writeFileSync(path.join(wrong, "before-1.0/x.yaml"), "name: x");
    const { message } = await kumaErrorOf(() => readPolicies(wrong, "policies"));
    assert.match(message, /before-1\.0\/x\.yaml, document 1: the type is missing/);
  });

  it("refuses one policy in two places that hold for one version, and only there", async () => {
    const both = directory("before-2.10/x.yaml", "since-2.10/x.yaml");
    assert.deepEqual(namesFor(both, "2.14.3"), ["x"]);
    assert.deepEqual(namesFor(directory("before-2.10/x.yaml", "since-3.1/x.yaml"), "3.1.0"), ["x"]);
    for (const [one, other] of [
      ["x.yaml", "since-2.10/x.yaml"],
      ["since-2.10/x.yaml", "since-2.12/x.yaml"],
      ["before-2.12/x.yaml", "since-2.10/x.yaml"],
      ["before-2.10/x.yaml", "since-1.12/x.yaml"],
    ]) {
      const made = directory(one, other);
      const { message } = await kumaErrorOf(() => readPolicies(made, "policies"));
      assert.ok(
        message.startsWith(`MeshTimeout m/x stands in two places: ${path.join(made, one)}, doc`),
        message,
      );
    }
  });

  it("tells what it passes over, but not the directories of versions", () => {
    const { notes } = readPolicyFiles(
      directory(
        "all.yaml",
        "since-2.10/new.yaml",
        "before-2.10/old.yaml",
        "drafts/x.yaml",
        "not-since-2/x.yaml",
      ),
      "policies",
    );
    assert.equal(notes.length, 1);
    assert.match(notes[0], /: drafts \(a directory\), not-since-2 \(a directory\)\. Files that end/);
  });

  it("reads a version as a whole, from its beginning", () => {
    const far = directory("before-2.10/old.yaml", "since-11.0/new.yaml");
    assert.deepEqual(namesFor(far, "10.2.0"), []);
    assert.deepEqual(namesFor(far, "12.0.0"), ["new"]);
    assert.deepEqual(namesFor(far, "x2.2.0"), ["new"], "one that tells none is the newest");
  });

  it("passes over a file that is called as a directory of versions", () => {
    const made = directory("all.yaml", "since-2.10");
    const { policies, notes } = readPolicyFiles(made, "policies");
    assert.equal(policies.length, 1);
    assert.match(notes[0], /: since-2\.10\. Files that end/);
  });

  describe("policies that a program gives", () => {
    const policy = { type: "MeshTimeout", mesh: "m", name: "t" };

    it("are for every version", () => {
      const given = givenPolicies([policy, { ...policy, name: "u" }]);
      assert.deepEqual(given, [
        { policy, isFor: {}, place: "policies[0]" },
        { policy: { ...policy, name: "u" }, isFor: {}, place: "policies[1]" },
      ]);
      for (const version of ["2.2.0", "2.14.3", ""])
        assert.deepEqual(policiesFor(given, version).map(keyOf), ["MeshTimeout m/t", "MeshTimeout m/u"]);
    });

    for (const [documents, message] of [
      [
        [policy, { ...policy, type: "Secret" }],
        "policies[1]: Secret m/t. What stands there is kept in the stack's state in clear, so secrets are refused. Write it to the global with kumactl.",
      ],
      [
        [policy, policy],
        "MeshTimeout m/t stands in two places: policies[0], and policies[1]. Nothing was changed. Leave one of them; what names no mesh is in the mesh default.",
      ],
      [
        [{ name: "t" }],
        "policies[0]: the type is missing. Nothing was changed. Resources in Kuma's universal form are expected there.",
      ],
    ] as const)
      it(`are refused: ${message.slice(0, 40)}`, async () =>
        assert.deepEqual(await kumaErrorOf(() => givenPolicies(documents)), { code: "invalid", message }));
  });

  it("names the setting of a directory that is not there", async () => {
    const { message } = await kumaErrorOf(() => readPolicies(path.join(tempDir(), "none"), "policies"));
    assert.match(
      message,
      /^The setting policies names .*none, which cannot be read: there is no such directory\.$/,
    );
  });

  describe("policies/demo", () => {
    const topKinds = (policies: Resource[]) =>
      policies.map((policy) => (policy.spec as { targetRef: { kind: string } }).targetRef.kind);

    it("has the same policies for both forms, differing only in whom they are for", () => {
      const policies = readPolicies(GUIDES, "policies");
      const [old, current] = ["2.9.0", "2.10.0"].map((version) => policiesFor(policies, version));
      assert.deepEqual(old.map(keyOf), [
        "MeshCircuitBreaker default/demo-app-to-redis",
        "MeshTrafficPermission default/redis",
      ]);
      assert.deepEqual(current.map(keyOf), old.map(keyOf));
      assert.deepEqual(topKinds(old), ["MeshService", "MeshService"]);
      assert.deepEqual(topKinds(current), ["Dataplane", "Dataplane"]);
      const rest = ({ spec }: Resource) => ({ ...(spec as object), targetRef: undefined });
      assert.deepEqual(current.map(rest), old.map(rest));
    });
  });
});
