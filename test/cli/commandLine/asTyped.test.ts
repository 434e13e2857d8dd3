import * as assert from "node:assert/strict";
import { asTyped } from "../../../cli/commandLine/asTyped";
import { USAGE, usageOf } from "../../../cli/commandLine/usage";

describe("cli/commandLine/asTyped", () => {
  it("names commands as they are typed where the package is installed", () => {
    for (const [inClone, inPackage] of [
      ["Next: npm run up -- --stack kind goes on", "Next: kuma-federation up --stack kind goes on"],
      ["npm run destroy -- --yes", "kuma-federation destroy --yes"],
      ["Run npm run status.", "Run kuma-federation status."],
      ["npm run lint", "npm run lint"],
    ]) {
      assert.equal(asTyped(inClone, false), inPackage);
      assert.equal(asTyped(inClone, true), inClone);
    }
  });

  it("does so in the help", () => {
    assert.match(asTyped(USAGE, false), /^Usage: kuma-federation <command> \[options\]\n/);
    assert.doesNotMatch(asTyped(USAGE, false), /npm run/);
    assert.match(
      asTyped(usageOf("up"), false),
      /^Usage: kuma-federation up \[--stack NAME\] \[--plan FILE\]\n/,
    );
  });
});
