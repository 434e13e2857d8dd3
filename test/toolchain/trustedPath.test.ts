import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { assertTrusted } from "../../toolchain/trustedPath";
import { cleanUp, tempDir, writeProgram } from "./support";

/** The user "nobody". */
const ANOTHER = 65534;
const ME = process.getuid?.() ?? -1;

describe("toolchain: what may be executed", function () {
  let cache: string;
  let program: string;

  before(function () {
    if (process.platform === "win32") this.skip();
  });
  beforeEach(() => {
    cache = path.join(tempDir(), "cache");
    program = writeProgram(path.join(cache, "engine/pulumi"), "echo v3.246.0");
    fs.chmodSync(program, 0o755);
    for (const directory of [cache, path.dirname(program)]) fs.chmodSync(directory, 0o755);
  });
  afterEach(cleanUp);

  const refused = (reason: RegExp) =>
    assert.throws(
      () => assertTrusted(program, "The engine"),
      (error: Error) => {
        assert.match(error.message, reason);
        assert.match(error.message, /^The engine at .* is not used, since .* Nothing was run\. .*chmod go-w/);
        return true;
      },
    );

  it("is what only this user and root can write, also below /tmp", () => {
    assertTrusted(program, "The engine");
    fs.chmodSync(program, 0o700);
    assertTrusted(program, "The engine");
  });

  for (const [where, place] of [
    ["the file", "engine/pulumi"],
    ["its directory", "engine"],
    ["a directory above", ""],
  ]) {
    it(`is not what everyone can write: ${where}`, () => {
      fs.chmodSync(path.join(cache, place), 0o777);
      refused(/can be written by every user of this machine/);
    });

    it(`is not what belongs to another user: ${where}`, function () {
      if (ME !== 0) this.skip();
      fs.chownSync(path.join(cache, place), ANOTHER, ANOTHER);
      refused(/belongs to the user with the number 65534/);
    });

    it(`is not what a group of several can write: ${where}`, function () {
      if (ME !== 0) this.skip();
      fs.chownSync(path.join(cache, place), ME, 100);
      fs.chmodSync(path.join(cache, place), 0o775);
      refused(/can be written by the group with the number 100/);
    });
  }

  it("may be written by the group that is its owner's alone, as with a umask of 002", () => {
    for (const place of ["engine/pulumi", "engine", ""]) fs.chmodSync(path.join(cache, place), 0o775);
    if (process.getgid?.() === ME) assertTrusted(program, "The engine");
    else refused(/can be written by the group/);
  });

  it("may lie in a directory for everyone only where that is sticky", () => {
    fs.chmodSync(cache, 0o1777);
    assertTrusted(program, "The engine");
    fs.chmodSync(cache, 0o777);
    refused(/can be written by every user/);
  });

  it("may belong to the owner of the program's own code, as with sudo in a user's clone", function () {
    if (ME !== 0) this.skip();
    fs.chownSync(program, ANOTHER, ANOTHER);
    assertTrusted(program, "The engine", [0, ANOTHER]);
    refused(/belongs to the user/);
  });

  it("is looked at where a link leads, and where the link stands", function () {
    const link = path.join(path.dirname(cache), "link");
    fs.symlinkSync(program, link);
    assertTrusted(link, "The engine");
    fs.chmodSync(program, 0o777);
    assert.throws(() => assertTrusted(link, "The engine"), /can be written by every user/);
  });
});
