import * as assert from "node:assert/strict";
import * as yaml from "js-yaml";
import { withSecret } from "../../../../cli/stack/file/stackFileText";

const KEY = "kuma-federation:globalToken";
const set = (text: string, secure = "v1:a:b") => withSecret(text, KEY, { secure }, "v1:salt");

describe("cli/stack/stackFileText", () => {
  const text = "# first\nconfig:\n  # why\n  kuma-federation:onDrift: report # this\n";

  it("adds a secret and its salt, and leaves every line as it is", () => {
    const expected =
      "encryptionsalt: v1:salt\n# first\nconfig:\n  kuma-federation:globalToken:\n    secure: v1:a:b\n" +
      "  # why\n  kuma-federation:onDrift: report # this\n";
    assert.equal(set(text), expected);
  });

  it("puts another one in its place", () => {
    const twice = set(set(text), "v1:c:d");
    assert.equal(twice, set(text).replace("v1:a:b", "v1:c:d"));
    const clear = `${text}  "${KEY}": in-clear\n  kuma-federation:policies: p\n`;
    assert.doesNotMatch(set(clear), /in-clear/);
    assert.match(set(clear), /policies: p/);
  });

  for (const other of [
    "config: {kuma-federation:onDrift: report}\n",
    "a: 1\n",
    "config:\n    kuma-federation:x: {a: 1}\n",
  ]) {
    it(`also sets it in ${JSON.stringify(other)}`, () => {
      const { config, encryptionsalt, ...rest } = yaml.load(set(other)) as Record<
        string,
        Record<string, unknown>
      >;
      const { config: before = {}, ...restBefore } = yaml.load(other) as Record<
        string,
        Record<string, unknown>
      >;
      assert.deepEqual({ ...config }, { ...before, [KEY]: { secure: "v1:a:b" } });
      assert.deepEqual([encryptionsalt, rest], ["v1:salt", restBefore]);
    });
  }
});
