import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { saltOf } from "../../support/pulumi/encryptionSalt";
import { needsEngine } from "../../support/pulumi/engine";
import { ROOT, Sandbox, oneZone } from "../support";

describe("npm run secret", function () {
  needsEngine();
  const sandbox = new Sandbox();
  after(() => sandbox.remove());

  it("sets a secret that every command can read, and takes no foreign salt over the state's", async () => {
    const { config } = await oneZone();
    sandbox.writeStack("test", config);
    const file = path.join(sandbox.directory, "Pulumi.test.yaml");
    const before = fs.readFileSync(file, "utf8");
    const expectStatus = async (wanted: number, command: string) => {
      const { status, output } = await sandbox.run(command, "--stack", "test");
      assert.equal(status, wanted, output);
      return output;
    };
    await expectStatus(0, "up");

    // as `pulumi config set --secret` with a passphrase of the user's leaves it
    const foreign = `encryptionsalt: ${saltOf("foreign")}\n${before}  kuma-federation:globalToken:\n    secure: v1:AAAA:AAAA\n`;
    fs.writeFileSync(file, foreign);
    assert.match(
      await expectStatus(2, "preview"),
      /^error: The secrets in .* are encrypted with another passphrase/m,
    );
    await expectStatus(0, "refresh");
    await expectStatus(0, "status");
    // a passphrase in the environment that is not the state's: said, with the way out
    sandbox.environment.PULUMI_CONFIG_PASSPHRASE = "foreign";
    for (const command of ["status", "refresh", "destroy"])
      assert.match(
        await expectStatus(2, command),
        /^error: The state of stack test is encrypted with another passphrase than .* Nothing was changed\. Give the one that it has now, .* without both it is this clone.s own/m,
      );
    delete sandbox.environment.PULUMI_CONFIG_PASSPHRASE;
    fs.writeFileSync(file, before);
    await expectStatus(0, "preview");

    execFileSync(
      process.execPath,
      [
        "--require",
        "./toolchain/typescript.js",
        "cli/main.ts",
        "secret",
        "--stack",
        "test",
        "set",
        "globalToken",
      ],
      {
        cwd: ROOT,
        input: "canary-value\n",
        env: {
          ...process.env,
          KUMA_FEDERATION_STATE: sandbox.state,
          KUMA_FEDERATION_STACKS: sandbox.directory,
        },
      },
    );
    const text = fs.readFileSync(file, "utf8");
    assert.match(text, /^ {2}kuma-federation:globalToken:\n {4}secure: v1:/m);
    assert.doesNotMatch(text, /canary/);
    await expectStatus(0, "preview");

    fs.writeFileSync(file, foreign);
    const output = await expectStatus(0, "destroy");
    assert.match(output, /but for .*passphrase: the secrets in the stack's file are encrypted with it/);
  });
});
