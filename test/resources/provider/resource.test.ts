import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as resources from "../../../resources";
import { HANDLERS } from "../../../resources/handlers";
import { cleanUp, tempDir } from "../../support/cleanUp";

const ROOT = path.resolve(__dirname, "../../..");
const { handledBy } = require(path.join(ROOT, "toolchain/handledBy.js")) as {
  handledBy(name: string): pulumi.dynamic.ResourceProvider;
};

describe("resources/provider/resource", function () {
  afterEach(cleanUp);

  const serialized = async () => {
    const provider = handledBy("kdsCertificate");
    return (await pulumi.runtime.serializeFunction(() => provider)).text;
  };

  it("keeps in the state what it kept before: stacks run that text for delete and read", async () => {
    const golden = path.join(__dirname, "golden/provider.txt");
    const text = await serialized();
    if (process.env.UPDATE_GOLDEN) fs.writeFileSync(golden, text);
    assert.equal(text, fs.readFileSync(golden, "utf8"));
  });

  it("has the handler of each resource, by the name that the state has", () => {
    const names = Object.values(resources).map(({ handler }) => handler);
    assert.deepEqual([...names].sort(), Object.keys(HANDLERS).sort());
  });

  /** Runs what is in the state in a directory, as the provider's process does. */
  const inState = async (directory: string) => {
    const file = path.join(directory, "state.js");
    const run = `exports.handler().diff("x", { hosts: [] }, { hosts: ["a"] }).then((d) => console.log(JSON.stringify(d)), (e) => console.log(e.message));`;
    fs.writeFileSync(file, `${await serialized()}\n${run}`);
    const text = execFileSync(process.execPath, [file], { cwd: directory, encoding: "utf8" }).trim();
    return text.replace(fs.realpathSync(directory), "<directory>");
  };

  it("finds the handlers in any directory from which the package can be found", async () => {
    const directory = tempDir();
    fs.mkdirSync(path.join(directory, "node_modules"));
    fs.symlinkSync(ROOT, path.join(directory, "node_modules/kuma-federation"));
    fs.mkdirSync(path.join(directory, "deeper"));
    assert.equal(await inState(path.join(directory, "deeper")), '{"changes":true}');
  });

  it("says what to do where the package is not there", async () => {
    assert.equal(
      await inState(tempDir()),
      "The package kuma-federation cannot be found from <directory>/, where the engine runs its resources. Nothing was changed. " +
        'Install it there ("npm install kuma-federation"), and run it again.',
    );
  });
});
