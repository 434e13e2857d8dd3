import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as yaml from "js-yaml";

const ROOT = path.resolve(__dirname, "../../..");
const read = (file: string) => fs.readFileSync(path.join(ROOT, file), "utf8");
const versionIn = (file: string) => (JSON.parse(read(file)) as { version: string }).version;

describe("the directory of the policy pack", () => {
  it("has the package's version, which the engine tells", () => {
    assert.equal(versionIn("policies/pack/package.json"), versionIn("package.json"));
  });

  it("names a program that is there", () => {
    const { main, runtime } = yaml.load(read("policies/pack/PulumiPolicy.yaml")) as Record<string, string>;
    assert.equal(runtime, "nodejs");
    assert.ok(fs.existsSync(path.join(ROOT, "policies/pack", main)));
  });
});
