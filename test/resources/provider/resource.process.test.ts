import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { cleanUp, tempDir } from "../../support/cleanUp";

const ROOT = path.resolve(__dirname, "../../..");
const { handledBy } = require(path.join(ROOT, "toolchain/handledBy.js")) as {
  handledBy(name: string): string;
};

describe("resources/provider/resource in a process of its own", () => {
  afterEach(cleanUp);

  it("has the SDK load what works out a provider's code only where that is asked for", () => {
    const loaded = (program: string) => {
      const print = `console.log(Object.keys(require.cache).some((file) => /node_modules.(typescript|@npmcli)./.test(file)));`;
      const args = ["--require", "./toolchain/lazyClosures.js", "--eval", `${program}\n${print}`];
      return execFileSync(process.execPath, args, { cwd: ROOT, encoding: "utf8", stdio: "pipe" }).trim();
    };
    assert.equal(loaded(`require("@pulumi/pulumi"); require("@pulumi/pulumi/automation");`), "false");
    const serialize = `require("@pulumi/pulumi").runtime.serializeFunction(() => 7).then(({ text }) => console.log(text.includes("() => 7")));`;
    assert.equal(loaded(serialize), "true\ntrue");
  });

  /** Runs what is in the state in a directory, as the provider's process does. */
  const inState = (directory: string) => {
    const file = path.join(directory, "state.js");
    const run = `exports.handler().diff("x", { hosts: [] }, { hosts: ["a"] }).then((d) => console.log(JSON.stringify(d)), (e) => console.log(e.message));`;
    fs.writeFileSync(file, `${handledBy("kdsCertificate")}\n${run}`);
    const text = execFileSync(process.execPath, [file], { cwd: directory, encoding: "utf8" }).trim();
    return text.replace(fs.realpathSync(directory), "<directory>");
  };

  it("finds the handlers in any directory from which the package can be found", () => {
    const directory = tempDir();
    fs.mkdirSync(path.join(directory, "node_modules"));
    fs.symlinkSync(ROOT, path.join(directory, "node_modules/kuma-federation"));
    fs.mkdirSync(path.join(directory, "deeper"));
    assert.equal(inState(path.join(directory, "deeper")), '{"changes":true}');
  });

  it("says what to do where the package is not there", () => {
    assert.equal(
      inState(tempDir()),
      "The package kuma-federation cannot be found from <directory>/, where the engine runs its resources. Nothing was changed. " +
        'Install it there ("npm install kuma-federation"), and run it again.',
    );
  });
});
