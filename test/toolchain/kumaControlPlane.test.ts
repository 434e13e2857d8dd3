import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { findKumaCp, type KumaCpChoice } from "../../toolchain/kumaControlPlane";
import * as support from "./support";
import { body, cleanUp, digest, filesBelow, pathWith, startServer, tempDir, writeProgram } from "./support";

const TARGET = `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
const ARCHIVE = `kuma-2.14.3-${TARGET}.tar.gz`;
const MEMBER = "kuma-2.14.3/bin/kuma-cp";

describe("toolchain: Kuma control plane", () => {
  let bin: string;
  let env: NodeJS.ProcessEnv;
  let notes: string[];

  beforeEach(() => {
    bin = pathWith("tar", "gzip");
    env = { PATH: bin, XDG_CACHE_HOME: tempDir() };
    notes = [];
  });
  afterEach(cleanUp);

  const find = (choice: KumaCpChoice) =>
    findKumaCp({ choice, env, projectRoot: "/the project", log: (line) => notes.push(line) });

  const putKumaCp = (file: string, answer: string) =>
    writeProgram(file, `[ "$1" = version ] && echo "${answer}"`);

  const STAND_IN = {
    command: [process.execPath, "/the project/sandbox/kuma-cp.js"],
    product: "Kuma",
    version: "2.14.3",
    standIn: true,
    source: "embedded",
  };

  it("takes the one that KUMA_CP names before the one on PATH", async () => {
    putKumaCp(path.join(bin, "kuma-cp"), "Kuma: 2.9.0");
    env.KUMA_CP = putKumaCp(path.join(tempDir(), "my kuma-cp"), "Kuma: 2.14.3");
    const expected = {
      command: [env.KUMA_CP],
      product: "Kuma",
      version: "2.14.3",
      standIn: false,
      source: "env",
    };
    assert.deepEqual(await find("auto"), expected);
    assert.deepEqual(await find("path"), expected);
  });

  it("finds Kuma and Kong Mesh on PATH", async () => {
    const file = putKumaCp(path.join(bin, "kuma-cp"), "Kong Mesh: v2.13.1-rc.1");
    for (const choice of ["auto", "path"] as const) {
      assert.deepEqual(await find(choice), {
        command: [file],
        product: "Kong Mesh",
        version: "2.13.1-rc.1",
        standIn: false,
        source: "path",
      });
    }
  });

  it("falls back to the stand-in where there is none", async () => {
    assert.deepEqual(await find("auto"), STAND_IN);
    assert.deepEqual(notes, []);
  });

  it("takes the stand-in when asked for, whatever else is there", async () => {
    env.KUMA_CP = putKumaCp(path.join(bin, "kuma-cp"), "Kuma: 2.14.3");
    assert.deepEqual(await find("embedded"), STAND_IN);
  });

  for (const [answer, why] of [
    ["Kuma: 3.0.1", "is Kuma 3.0.1, and only 2.x is supported"],
    ["Kuma: 1.8.0", "is Kuma 1.8.0, and only 2.x is supported"],
    ["hello", "does not tell a version in the way of kuma-cp"],
  ]) {
    it(`refuses "${answer}" when asked for, and passes over it otherwise`, async () => {
      const file = putKumaCp(path.join(bin, "kuma-cp"), answer);
      await assert.rejects(find("path"), (error: Error) => error.message.includes(`${file} ${why}.`));
      assert.deepEqual(await find("auto"), STAND_IN);
      assert.equal(notes.length, 1);
      assert.ok(notes[0].includes(`passed over the kuma-cp on PATH: ${file} ${why}.`));

      env.KUMA_CP = file;
      for (const choice of ["auto", "path"] as const) {
        await assert.rejects(find(choice), (error: Error) => error.message.startsWith("KUMA_CP names"));
      }
    });
  }

  it("says what to do when the one asked for is not there", async () => {
    await assert.rejects(find("path"), /There is no kuma-cp on PATH; install Kuma 2\.x or set KUMA_CP/);
    env.KUMA_CP = "/no/such/kuma-cp";
    await assert.rejects(find("auto"), /KUMA_CP is "\/no\/such\/kuma-cp", and no such program/);
  });

  describe("official release", () => {
    let server: support.TestServer;
    let archive: Buffer;

    beforeEach(async () => {
      server = await startServer();
      const dir = tempDir();
      putKumaCp(path.join(dir, MEMBER), "Kuma: 2.14.3");
      putKumaCp(path.join(dir, "kuma-2.14.3/bin/envoy"), "large");
      archive = support.tarball(dir, "kuma-2.14.3");
      server.answers.set(`/kuma/${ARCHIVE}`, [body(archive)]);
      env.KUMA_RELEASE_URL = `${server.url}/kuma`;
    });

    it("is not downloaded without a digest to verify it by", async () => {
      await assert.rejects(
        find("download"),
        /the digest of kuma-2\.14\.3-.* set KUMA_SHA256 .*intoto\.jsonl/,
      );
      env.KUMA_SHA256 = "yes";
      await assert.rejects(find("download"), /KUMA_SHA256 cannot be used: "yes" is not a SHA-256/);
      assert.deepEqual(server.requests, []);
    });

    it("is downloaded, verified, and cached", async () => {
      env.KUMA_SHA256 = digest(archive);
      const file = path.join(env.XDG_CACHE_HOME!, "kuma-federation/kuma-2.14.3", MEMBER);
      const expected = { command: [file], product: "Kuma", version: "2.14.3", standIn: false };
      assert.deepEqual(await find("download"), { ...expected, source: "release" });
      assert.deepEqual(filesBelow(env.XDG_CACHE_HOME!), [`kuma-federation/kuma-2.14.3/${MEMBER}`]);

      delete env.KUMA_SHA256;
      assert.deepEqual(await find("download"), { ...expected, source: "cache" });
      assert.equal(server.requests.length, 1);
    });

    it("is not run from a cache that others can write", async () => {
      const file = path.join(env.XDG_CACHE_HOME!, "kuma-federation/kuma-2.14.3", MEMBER);
      putKumaCp(file, "Kuma: 2.14.3");
      fs.chmodSync(path.dirname(file), 0o777);
      await assert.rejects(find("download"), /The kuma-cp at .* is not used, since .* every user/);
    });

    it("is not used with another digest", async () => {
      env.KUMA_SHA256 = digest("another");
      await assert.rejects(
        find("download"),
        /^ToolchainError: Kuma 2\.14\.3 cannot be downloaded: .*digest is/,
      );
      assert.deepEqual(filesBelow(env.XDG_CACHE_HOME!), []);
    });
  });
});
