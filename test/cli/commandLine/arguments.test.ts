import * as assert from "node:assert/strict";
import { Arguments, parseArguments } from "../../../cli/commandLine/arguments";
import { COMMANDS, type Command, declarationOf } from "../../../cli/commandLine/commands";
import { USAGE, usageOf } from "../../../cli/commandLine/usage";
import { UsageError } from "../../../cli/commandLine/usageError";

describe("cli/commandLine/arguments", () => {
  const usageError = (args: string[], env: NodeJS.ProcessEnv = {}): string => {
    try {
      parseArguments(args, env);
    } catch (error) {
      assert.ok(error instanceof UsageError);
      return error.message;
    }
    return assert.fail("accepted");
  };
  const plain = {
    stack: "dev",
    output: "table",
    forge: "github",
    diff: false,
    marker: false,
    watch: false,
    yes: false,
  };

  for (const command of Object.keys(COMMANDS)) {
    it(`reads ${command}, for stack dev when none is named`, () => {
      const words = declarationOf(command as Command).takes === undefined ? {} : { words: [] };
      assert.deepEqual(parseArguments([command]), { command, ...plain, ...words });
    });
  }

  it("reads every option of a command, in any place", () => {
    const expected = { ...plain, command: "status", stack: "prod-eu_1.a", output: "json", marker: true };
    for (const args of [
      ["--stack", "prod-eu_1.a", "status", "--output=json", "--marker"],
      ["status", "-s", "prod-eu_1.a", "-o", "json", "--marker"],
    ])
      assert.deepEqual(parseArguments(args), expected);
    assert.deepEqual(parseArguments(["preview", "--diff"]), { ...plain, command: "preview", diff: true });
    assert.deepEqual(parseArguments(["destroy", "-y"]), { ...plain, command: "destroy", yes: true });
  });

  it("hands on the words beside the options, where the command takes some", () => {
    const { words, stack } = parseArguments(["secret", "set", "-s", "prod", "globalToken"]) as Arguments;
    assert.deepEqual([words, stack], [["set", "globalToken"], "prod"]);
  });

  it("gives help where it is asked for, of the command or of all", () => {
    for (const args of [["--help"], ["-h"], ["help"], ["down", "--help"]])
      assert.deepEqual(parseArguments(args), { help: USAGE });
    for (const args of [
      ["status", "--help"],
      ["--help", "status", "--force"],
    ])
      assert.deepEqual(parseArguments(args), { help: usageOf("status") });
    for (const [option, command] of [
      ["--marker", "status"],
      ["--yes", "destroy"],
      ["--diff", "preview"],
    ] as const) {
      assert.ok(usageOf(command).includes(option) && USAGE.includes(option));
      assert.ok(!usageOf("up").includes(option));
    }
  });

  it("shows how it is used when the command is missing or unknown", () => {
    assert.equal(usageError([]), `No command is given; nothing was done.\n\n${USAGE}`);
    for (const word of ["down", "Up", "toString"])
      assert.equal(usageError([word]), `There is no command "${word}"; nothing was done.\n\n${USAGE}`);
  });

  const takes = "Nothing was done. npm run up takes [--stack NAME] [--plan FILE].";
  for (const [args, said] of [
    [["up", "--force"], "There is no option --force."],
    [["up", "-f"], "There is no option -f."],
    [["up", "--toString"], "There is no option --toString."],
    [["up", "--marker"], "--marker is an option of status only."],
    [
      ["up", "-o", "json"],
      "-o is an option of preview, preflight, refresh, status, addresses and drill only.",
    ],
    [["up", "--yes"], "--yes is an option of destroy only."],
    [["up", "down"], '"down" is one argument too many.'],
    [["up", "--stack"], "--stack needs a value."],
    [["up", "--stack", "--stack"], "--stack needs a value."],
    [["up", "--stack", "a", "-s", "b"], "-s is given twice."],
  ] as const)
    it(`refuses ${args.join(" ")}`, () => assert.equal(usageError([...args]), `${said} ${takes}`));

  it("refuses a value where there is to be none", () => {
    const message = "--yes takes no value. Nothing was done. npm run destroy takes [--stack NAME] [--yes].";
    assert.equal(usageError(["destroy", "--yes=no"]), message);
  });

  describe("what npm took for itself", () => {
    for (const [command, positionals, env, right] of [
      ["destroy", [], { npm_config_stack: "konnect-demo" }, "destroy -- --stack konnect-demo"],
      ["destroy", ["kind"], { npm_config_stack: "true" }, "destroy -- --stack kind"],
      ["up", [], { npm_config_stack: "true" }, "up -- --stack NAME"],
      [
        "status",
        [],
        { npm_config_output: "json", npm_config_marker: "true" },
        "status -- --output json --marker",
      ],
    ] as const)
      it(`is refused, with the right form: ${right}`, () => {
        const message = usageError([command, ...positionals], env);
        assert.match(message, /^npm has taken --\w+/);
        assert.ok(message.endsWith(`Nothing was done. Write: npm run ${right}`), message);
      });

    it("is nothing where the option stands behind the dashes, or npm has it for its own sake", () => {
      const env = { npm_config_yes: "true", npm_config_stack: "" };
      assert.deepEqual(parseArguments(["up", "--stack", "a"], env), { ...plain, command: "up", stack: "a" });
    });
  });

  for (const stack of ["", "../other", "a/b", ".hidden", "-x", "a b", "x".repeat(101)]) {
    it(`refuses the stack ${JSON.stringify(stack.slice(0, 12))}`, () => {
      assert.equal(
        usageError(["up", `--stack=${stack}`]),
        `--stack is ${JSON.stringify(stack)}; a stack's name holds letters, digits, dashes, dots and underscores.`,
      );
    });
  }

  it("takes a commit for a commit only", () => {
    const sha = "a5c3785ed8d6a35868bc169f07e40e889087fd2e";
    assert.equal((parseArguments(["pr-comment", "--commit", sha]) as Arguments).commit, sha);
    for (const wrong of ["a5c378", "main", `${sha}\n@all`, "A5C3785E"])
      assert.equal(
        usageError(["pr-comment", "--commit", wrong]),
        `--commit is ${JSON.stringify(wrong)}; a commit is 7 to 64 digits and letters from a to f.`,
      );
  });

  it("refuses a forge that it does not know, and a stack for what is about none", () => {
    assert.equal(
      usageError(["pr-comment", "--forge", "gitea"]),
      '--forge is "gitea"; it must be one of github, gitlab, bitbucket.',
    );
    assert.match(usageError(["pr-comment", "--stack", "dev"]), /^--stack is an option of up, /);
  });

  it("refuses another form of output", () => {
    const all = "table, json, markdown, html or openmetrics";
    assert.equal(usageError(["status", "-o", "yaml"]), `--output is "yaml"; it must be ${all}.`);
    assert.equal(usageError(["preflight", "-o", "html"]), '--output is "html"; it must be table or json.');
  });

  it("watches in the forms that go on line by line, and writes nothing meanwhile", () => {
    const watching = parseArguments(["status", "--watch", "-o", "json"]);
    assert.deepEqual(watching, { ...plain, command: "status", output: "json", watch: true });
    assert.match(
      usageError(["status", "--watch", "-o", "html"]),
      /^--watch goes with --output table or json, /,
    );
    assert.match(
      usageError(["status", "--watch", "--marker"]),
      /^--watch does not go with --marker, which writes\. /,
    );
  });
});
