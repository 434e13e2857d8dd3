import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { writeDynamicProviderShim } from "../../../toolchain/pulumi/dynamicProvider";
import { cleanUp, tempDir, writeFile } from "../support";

describe("toolchain: dynamic provider shim", () => {
  afterEach(cleanUp);

  it("starts the provider in the project with its arguments, whatever the paths are made of", async () => {
    const project = path.join(tempDir(), `it's a "$HOME" project`);
    fs.mkdirSync(project, { recursive: true });
    const dir = path.join(tempDir(), "shim dir");
    const shim = await writeDynamicProviderShim(dir, project);
    assert.equal(shim, path.join(dir, "pulumi-resource-pulumi-nodejs"));

    // in place of the provider, which would wait for an engine
    const instead = writeFile(
      path.join(tempDir(), "instead.js"),
      `console.log(JSON.stringify({ cwd: process.cwd(), args: process.argv.slice(1), node: process.execPath }));
      process.exit();`,
    );
    const output = execFileSync(shim, ["127.0.0.1:4711", "two words", "$HOME"], {
      cwd: tempDir(),
      encoding: "utf8",
      env: { NODE_OPTIONS: `--require "${instead}"` },
    });
    assert.deepEqual(JSON.parse(output), {
      cwd: project,
      args: [
        path.resolve(__dirname, "../../../toolchain/dynamicProviderHost.js"),
        "127.0.0.1:4711",
        "two words",
        "$HOME",
      ],
      node: process.execPath,
    });
  });

  it("fails where the project is gone", async () => {
    const shim = await writeDynamicProviderShim(tempDir(), "/no/such/project");
    assert.throws(() => execFileSync(shim, { stdio: "pipe" }), { status: 1 });
  });

  it("can be written again, and leaves nothing but the shim", async () => {
    const dir = tempDir();
    await writeDynamicProviderShim(dir, "/one");
    await Promise.all([writeDynamicProviderShim(dir, "/two"), writeDynamicProviderShim(dir, "/two")]);
    assert.deepEqual(fs.readdirSync(dir), ["pulumi-resource-pulumi-nodejs"]);
    assert.match(fs.readFileSync(path.join(dir, "pulumi-resource-pulumi-nodejs"), "utf8"), /^cd '\/two'/m);
  });
});
