import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as resources from "../../../resources";
import { HANDLERS } from "../../../resources/handlers";

const ROOT = path.resolve(__dirname, "../../..");
const { handledBy } = require(path.join(ROOT, "toolchain/handledBy.js")) as {
  handledBy(name: string): string;
};

describe("resources/provider/resource", () => {
  it("keeps in the state what it kept before: stacks run that text for delete and read", () => {
    const golden = path.join(__dirname, "golden/provider.txt");
    const text = handledBy("kdsCertificate");
    if (process.env.UPDATE_GOLDEN) fs.writeFileSync(golden, text);
    assert.equal(text, fs.readFileSync(golden, "utf8"));
  });

  it("has the handler of each resource, by the name that the state has", () => {
    const names = Object.values(resources).map(({ handler }) => handler);
    assert.deepEqual([...names].sort(), Object.keys(HANDLERS).sort());
  });
});
