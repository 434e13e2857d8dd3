import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { ensurePulumiEngine } from "../../../toolchain/pulumi/pulumiEngine";
import { needsEngine } from "../../support/pulumi/engine";
import { Sandbox, oneZone } from "../support";

const [FIRST, SECOND] = ["the first one", "the second one"];
const CUT = /A change of the passphrase of stack test was cut short/;

/** A kill between two steps of it: before the state is encrypted anew, and before the stack's file is. */
describe("npm run secret rotate passphrase, cut short", function () {
  needsEngine();
  this.timeout(600_000);

  for (const [backend, hasSecret] of [
    ["of the clone", true],
    ["of others", true],
    ["of others", false],
  ] as const)
    describe(`with a backend ${backend} and a file with${hasSecret ? "" : "out"} secrets`, () => {
      const sandbox = new Sandbox({ PULUMI_CONFIG_PASSPHRASE: FIRST });
      const file = path.join(sandbox.directory, "Pulumi.test.yaml");
      const elsewhere = path.join(sandbox.directory, "elsewhere");
      const root = backend === "of the clone" ? path.join(sandbox.state, "backend") : elsewhere;
      const state = path.join(root, ".pulumi/stacks/kuma-federation/test.json");
      after(() => sandbox.remove());

      before(async () => {
        fs.mkdirSync(elsewhere);
        if (backend === "of others") sandbox.environment.PULUMI_BACKEND_URL = pathToFileURL(elsewhere).href;
        sandbox.writeStack("test", (await oneZone()).config);
        if (hasSecret) assert.equal(sandbox.secret("a token", "set", "konnectToken").status, 0);
        await run(0, "up");
      });

      async function run(wanted: number, command: string) {
        const { status, output } = await sandbox.run(command, "--stack", "test");
        assert.equal(status, wanted, output);
        return output;
      }

      /** Rotates with an engine that does the step and then kills the command. */
      async function killed(step: string): Promise<void> {
        const { path: engine } = await ensurePulumiEngine({ env: process.env, log: () => {} });
        const script = path.join(sandbox.directory, "engine.sh");
        const text = [
          "#!/bin/sh",
          'case "$*" in *change-secrets-provider*) ;;',
          `*) exec '${engine}' "$@" ;; esac`,
          ...[step.replace("ENGINE", `'${engine}' "$@"`), "kill -9 $PPID", ""],
        ];
        fs.writeFileSync(script, text.join("\n"), { mode: 0o755 });
        sandbox.environment.PULUMI = script;
        const { signal, stderr } = sandbox.secret(`${SECOND}\n`, "rotate", "passphrase");
        delete sandbox.environment.PULUMI;
        assert.equal(signal, "SIGKILL", stderr);
      }

      it("goes on with the former one where the state is not encrypted anew yet", async () => {
        const before = fs.readFileSync(file, "utf8");
        await killed(`cp '${state}' '${state}.kept'; ENGINE; mv '${state}.kept' '${state}'`);
        const output = await run(0, "preview");
        assert.match(output, CUT);
        assert.match(output, /the former one goes on/);
        assert.match(output, /nothing to do/);
        assert.equal(fs.readFileSync(file, "utf8"), before);
        assert.doesNotMatch(await run(0, "preview"), CUT);
      });

      it("is completed by the next command where it is", async () => {
        const before = fs.readFileSync(file, "utf8");
        await killed("ENGINE");
        assert.equal(fs.readFileSync(file, "utf8"), before, "the file is not");
        sandbox.environment.PULUMI_CONFIG_PASSPHRASE = SECOND;
        const output = await run(0, "preview");
        assert.match(output, /cut short; it is completed: the secrets in .*Pulumi\.test\.yaml/);
        assert.match(output, /nothing to do/);
        if (hasSecret) assert.notEqual(fs.readFileSync(file, "utf8"), before);
        sandbox.environment.PULUMI_CONFIG_PASSPHRASE = FIRST;
        assert.doesNotMatch(await run(2, "preview"), CUT);
        sandbox.environment.PULUMI_CONFIG_PASSPHRASE = SECOND;
        assert.doesNotMatch(await run(0, "preview"), CUT);
      });
    });
});
