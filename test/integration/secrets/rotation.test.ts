import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { needsEngine } from "../../support/pulumi/engine";
import { Sandbox, oneZone } from "../support";

describe("npm run secret rotate passphrase", function () {
  needsEngine();
  this.timeout(600_000);
  const sandbox = new Sandbox({ PULUMI_CONFIG_PASSPHRASE: "the first one" });
  after(() => sandbox.remove());

  const run = async (wanted: number, command: string, ...args: string[]) => {
    const { status, output } = await sandbox.run(command, "--stack", "test", ...args);
    assert.equal(status, wanted, output);
    return output;
  };

  it("keeps the state and the file's secrets, and has nothing of the former passphrase open them", async () => {
    const { config } = await oneZone();
    sandbox.writeStack("test", config);
    const file = path.join(sandbox.directory, "Pulumi.test.yaml");
    assert.equal(sandbox.secret("a token", "set", "konnectToken").status, 0);
    await run(0, "up");
    const before = fs.readFileSync(file, "utf8");

    for (const bad of ["", "  \n", " begins with a space\n", "two\nlines\n"]) {
      const { status, stderr } = sandbox.secret(bad, "rotate", "passphrase");
      assert.equal(status, 2, stderr);
      assert.match(stderr, /^error: The new passphrase must be one line.* Nothing was changed\.$/m);
    }
    assert.equal(fs.readFileSync(file, "utf8"), before);

    const { status, stdout, stderr } = sandbox.secret("the second one\n", "rotate", "passphrase");
    assert.equal(status, 0, stderr);
    assert.doesNotMatch(stdout + stderr, /the second one|the first one/);
    const after = fs.readFileSync(file, "utf8");
    for (const line of [/^encryptionsalt: .*$/m, /^ {4}secure: .*$/m]) {
      assert.ok(line.exec(after), after);
      assert.notEqual(line.exec(after)?.[0], line.exec(before)?.[0]);
    }

    assert.match(await run(2, "status"), /encrypted with another passphrase than that of the variable/);
    sandbox.environment.PULUMI_CONFIG_PASSPHRASE = "the second one";
    assert.match(await run(0, "preview"), /nothing to do/);
    await run(0, "status");
    await run(0, "destroy");
  });
});
