import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { COMMANDS, Command, declarationOf } from "../../../cli/commandLine/commands";
import { usageOf } from "../../../cli/commandLine/usage";
import { SECRETS } from "../../../stack/schema/stack";

const ROOT = path.resolve(__dirname, "../../..");

describe("cli/commandLine/commands", () => {
  for (const command of Object.keys(COMMANDS) as Command[]) {
    it(`declares ${command} with its exit statuses, a page that is there, and a file that does it`, () => {
      const { exits, page } = declarationOf(command);
      assert.ok(exits[0] !== undefined && exits[2] !== undefined);
      for (const [status, meaning] of Object.entries(exits))
        assert.ok(usageOf(command).includes(`${status} ${meaning}`));
      if (page !== undefined) assert.ok(fs.existsSync(path.join(ROOT, page)));
      assert.ok(fs.existsSync(path.join(ROOT, "cli", "commands", `${command}.ts`)));
    });
  }

  it("names the secrets that a stack's file may hold", () => {
    assert.equal(COMMANDS.secret.takes, `set ${Object.keys(SECRETS).join("|")}, or rotate passphrase`);
  });
});
