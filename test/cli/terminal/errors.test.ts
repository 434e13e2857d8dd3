import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import { CommandError } from "@pulumi/pulumi/automation";
import { UsageError } from "../../../cli/commandLine/usageError";
import { OperationFailed, diskMessage, messageOf } from "../../../cli/terminal/errors";
import { KumaError } from "../../../kuma";
import { ToolchainError } from "../../../toolchain/errors";

const failed = (code: string, path?: string) =>
  Object.assign(new Error(`${code}: failed, write`), { code, path });

describe("cli/terminal/errors", () => {
  for (const [error, start, remedy] of [
    [failed("ENOSPC"), "A file of the state directory cannot be written: the disk is full.", "Make room"],
    [
      failed("EDQUOT", "/s/x"),
      "/s/x cannot be written: this user's quota of the disk is used up.",
      "Make room",
    ],
    [
      failed("EROFS", "/s/x"),
      "/s/x cannot be written: the file system is read-only.",
      "KUMA_FEDERATION_STATE",
    ],
    [
      failed("EACCES", "/s/x"),
      "/s/x cannot be read or written: this user may not do that.",
      "KUMA_FEDERATION_STATE",
    ],
    [
      new Error("write /tmp/x: no space left on device"),
      "A file of the state directory cannot be written",
      "Make room",
    ],
  ] as const) {
    it(`tells in one sentence of ${error.message}`, () => {
      const message = messageOf(error);
      assert.ok(message.startsWith(start), message);
      assert.ok(
        message.includes(remedy) && message.includes("control planes that run go on as they are"),
        message,
      );
      assert.doesNotMatch(message, /\n/);
    });
  }

  it("takes a real one", () => {
    try {
      fs.writeFileSync("/dev/full", "x".repeat(10));
      assert.fail("written");
    } catch (error) {
      assert.match(messageOf(error), /the disk is full/);
    }
  });

  it("leaves other errors as they are", () => assert.equal(diskMessage(new Error("ENOTHING")), undefined));

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
