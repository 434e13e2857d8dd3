import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  Resource,
  canonicalJson,
  describeDifference,
  describeDifferences,
  differences,
  digest,
} from "../../../kuma";
import { written } from "../../support/resources/arbitraries";

describe("kuma/resource/difference", () => {
  const paths = (a: unknown, b: unknown) => differences(a, b).map(({ path }) => path);

  it("finds the innermost fields that differ, with both values", () => {
    const a = { spec: { to: [{ x: 1 }, { y: "a" }], same: {} }, gone: 1, kind: [] };
    const b = { spec: { to: [{ x: 2 }, { y: "b" }, 3], same: {} }, come: 2, kind: {} };
    assert.deepEqual(differences(a, b), [
      { path: "come", a: undefined, b: 2 },
      { path: "gone", a: 1, b: undefined },
      { path: "kind", a: [], b: {} },
      { path: "spec.to.0.x", a: 1, b: 2 },
      { path: "spec.to.1.y", a: "a", b: "b" },
      { path: "spec.to.2", a: undefined, b: 3 },
    ]);
  });

  it("finds nothing exactly when the two are the same, whichever is first", () => {
    fc.assert(
      fc.property(written, written, (a, b) => {
        assert.deepEqual(paths(a, structuredClone(a)), []);
        assert.equal(paths(a, b).length === 0, canonicalJson(a) === canonicalJson(b));
        assert.deepEqual(paths(a, b), paths(b, a));
      }),
    );
  });

  const route = (fields: object): Resource => ({ type: "TrafficRoute", mesh: "m", name: "r", ...fields });
  const describeBoth = (zone: object, global: object) =>
    describeDifference({ resource: route(zone), existing: route(global) });

  it("shows both values where they are short", () => {
    assert.equal(
      describeBoth(
        { conf: { timeout: "5s", retries: 1, on: true } },
        { conf: { timeout: "3s", retries: 2 } },
      ),
      'differs in conf.on (zone true, global none), conf.retries (zone 1, global 2), conf.timeout (zone "5s", global "3s")',
    );
  });

  it("shows the digest of what the other side has not", () => {
    const resource = route({ conf: 1 });
    assert.equal(describeDifference({ resource }), digest(resource));
  });

  it("has a dot for two documents that are of different kinds altogether", () => {
    assert.deepEqual(differences("a", ["a"]), [{ path: ".", a: "a", b: ["a"] }]);
    assert.deepEqual(differences(null, { a: 1 }, "spec"), [{ path: "spec", a: null, b: { a: 1 } }]);
  });

  describe("with what other zones bring", () => {
    const [resource, globals, rivals] = [route({ conf: 1 }), route({ conf: 2 }), route({ conf: 3 })];
    const told = (more: Partial<Parameters<typeof describeDifferences>[0]>) =>
      describeDifferences({ resource, existing: globals, zone: "c", ...more });

    it("tells of the global alone where there are none", () => {
      assert.deepEqual(told({}), ["differs in conf (zone 1, global 2)"]);
      assert.deepEqual(told({ rivals: [], existing: undefined }), [digest(resource)]);
    });

    it("tells of each content once, with the zones that bring it", () => {
      assert.deepEqual(told({ rivals: [{ resource: rivals, zones: ["a", "b"] }] }), [
        "differs in conf (zone 1, global 2)",
        "differs in conf (zone c 1, zone a, b 3)",
      ]);
      // what the global has is theirs
      assert.deepEqual(
        told({
          rivals: [
            { resource: rivals, zones: ["a"] },
            { resource: globals, zones: ["b"] },
          ],
        }),
        ["differs in conf (zone c 1, zone a 3)", "differs in conf (zone c 1, zone b 2)"],
      );
    });

    it("names the zones also where no value is shown", () => {
      const [own, others] = [
        route({ conf: { password: "canary-a" } }),
        route({ conf: { password: "canary-b" } }),
      ];
      assert.deepEqual(
        describeDifferences({
          resource: own,
          existing: others,
          zone: "c",
          rivals: [{ resource: others, zones: ["a"] }],
        }),
        ["differs in conf.password (zone c, and zone a)"],
      );
    });
  });

  it("shows a secret as digests", () => {
    const secret = (data: string): Resource => ({ type: "Secret", mesh: "m", name: "s", data });
    const [resource, existing] = [secret("canary-a"), secret("canary-b")];
    assert.equal(
      describeDifference({ resource, existing }),
      `zone ${digest(resource)}, global ${digest(existing)}`,
    );
  });

  const hidden: [what: string, field: object, path: string][] = [
    ["a key that is given in place", { conf: { cert: { inline: "Y2FuYXJ5" } } }, "conf.cert.inline"],
    ["text given in place", { tls: { ca: { inlineString: "canary" } } }, "tls.ca.inlineString"],
    ["a password", { conf: { password: "canary" } }, "conf.password"],
    ["a token", { conf: { apiToken: "canary" } }, "conf.apiToken"],
    ["a header", { headers: { set: "canary" } }, "headers.set"],
    ["an address with a password", { conf: { address: "http://user:canary@host" } }, "conf.address"],
    ["a long text", { conf: { text: "canary".repeat(8) } }, "conf.text"],
    ["several lines", { conf: { text: "canary\ncanary" } }, "conf.text"],
  ];
  for (const [what, field, path] of hidden) {
    it(`never shows ${what}`, () => {
      for (const text of [
        describeBoth(field, {}),
        describeBoth({}, field),
        describeBoth(field, { conf: 1 }),
      ]) {
        assert.doesNotMatch(text, /canary|Y2FuYXJ5/);
      }
      assert.match(describeBoth(field, structuredCloneWith(field)), new RegExp(`differs in ${path}$`));
    });
  }

  it("names eight fields at the most", () => {
    const fields = (value: number) => Object.fromEntries([..."abcdefghij"].map((name) => [name, [value]]));
    assert.match(
      describeBoth(fields(1), fields(2)),
      /^differs in a\.0 .*, h\.0 \(zone 1, global 2\) and 2 more$/,
    );
  });
});

/** The same with another value at the innermost place. */
function structuredCloneWith(field: object): object {
  return JSON.parse(
    JSON.stringify(field).replace(/:("[^"]*"|\d+)\}/, ':"other-canary-other-canary-other-canary-other"}'),
  ) as object;
}
