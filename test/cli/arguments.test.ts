import * as assert from "node:assert/strict";
import { CommandError } from "@pulumi/pulumi/automation";
import { USAGE, parseArguments } from "../../cli/arguments";
import { OperationFailed, UsageError, messageOf } from "../../cli/errors";
import { KumaError } from "../../kuma";
import { ToolchainError } from "../../toolchain/errors";

describe("cli/arguments", () => {
  const usageError = (...args: string[]): string => {
    try {
      parseArguments(args);
    } catch (error) {
      assert.ok(error instanceof UsageError);
      return error.message;
    }
    return assert.fail("accepted");
  };

  for (const command of ["up", "preview", "status", "destroy"]) {
    it(`reads ${command}, for stack dev when none is named`, () => {
      assert.deepEqual(parseArguments([command]), {
        command,
        stack: "dev",
        output: "table",
        diff: false,
        marker: false,
      });
    });
  }

  it("reads every option, in any place", () => {
    const expected = { command: "status", stack: "prod-eu_1.a", output: "json", diff: true, marker: true };
    assert.deepEqual(
      parseArguments(["--stack", "prod-eu_1.a", "status", "--output=json", "--diff", "--marker"]),
      expected,
    );
    assert.deepEqual(
      parseArguments(["status", "-s", "prod-eu_1.a", "-o", "json", "--diff", "--marker"]),
      expected,
    );
  });

  it("shows how it is used when the command is missing, unknown or followed by another", () => {
    for (const args of [[], ["down"], ["up", "down"], ["Up"], ["toString"]])
      assert.equal(usageError(...args), USAGE);
  });

  it("names an option that it does not know, and shows how it is used", () => {
    const message = usageError("up", "--force");
    assert.match(message, /^Unknown option '--force'/);
    assert.ok(message.endsWith(`\n\n${USAGE}`));
  });

  it("refuses an option without its value", () => {
    assert.match(usageError("up", "--stack"), /^Option '-s, --stack <value>' argument missing/);
  });

  for (const stack of ["", "../other", "a/b", ".hidden", "-x", "a b", "x".repeat(101)]) {
    it(`refuses the stack ${JSON.stringify(stack.slice(0, 12))}`, () => {
      assert.equal(
        usageError("up", `--stack=${stack}`),
        `--stack is ${JSON.stringify(stack)}; a stack's name holds letters, digits, dashes, dots and underscores.`,
      );
    });
  }

  it("refuses another form of output", () => {
    assert.equal(usageError("status", "-o", "yaml"), '--output is "yaml"; it must be table or json.');
  });
});

describe("cli/errors", () => {
  it("shows the message alone of an error that is meant for people", () => {
    const errors = [
      new UsageError("a"),
      new OperationFailed("b"),
      new KumaError("gate", "c"),
      new ToolchainError("d"),
    ];
    assert.deepEqual(errors.map(messageOf), ["a", "b", "c", "d"]);
  });

  it("shows the first error of the engine", () => {
    const result = {
      code: 255,
      stdout: "",
      stderr: "warning: x\nerror: no passphrase\nerror: other",
      err: undefined,
    };
    const error = new CommandError(result as unknown as ConstructorParameters<typeof CommandError>[0]);
    error.message = result.stderr;
    assert.equal(messageOf(error), "The Pulumi engine failed: no passphrase");
  });

  it("shows where any other error came from", () => {
    assert.match(messageOf(new TypeError("broken")), /^TypeError: broken\n {4}at /);
    assert.equal(messageOf("text"), "text");
  });
});
