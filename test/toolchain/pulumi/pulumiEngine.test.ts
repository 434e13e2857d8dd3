import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { ToolchainError } from "../../../toolchain/errors";
import { ensurePulumiEngine } from "../../../toolchain/pulumi/pulumiEngine";
import { archiveName } from "../../../toolchain/pulumi/pulumiRelease";
import * as support from "../support";
import { body, cleanUp, digest, filesBelow, pathWith, startServer, tempDir, writeProgram } from "../support";
import { until } from "../../support/until";

const ARCHIVE = archiveName(process.platform, process.arch);
const CHECKSUMS = "/sums/pulumi-3.246.0-checksums.txt";
const CACHED = "kuma-federation/pulumi-v3.246.0";

describe("toolchain: Pulumi engine", () => {
  let server: support.TestServer;
  let bin: string;
  let cache: string;
  let env: NodeJS.ProcessEnv;
  let notes: string[];

  beforeEach(async () => {
    server = await startServer();
    bin = pathWith("tar", "gzip", "chmod");
    cache = tempDir();
    env = {
      PATH: bin,
      XDG_CACHE_HOME: cache,
      PULUMI_RELEASE_URL: `${server.url}/releases/`,
      PULUMI_CHECKSUMS_URL: `${server.url}/sums`,
    };
    notes = [];
  });
  afterEach(cleanUp);

  const ensure = () => ensurePulumiEngine({ env, log: (line) => notes.push(line) });

  const putEngine = (file: string, version: string) => writeProgram(file, `echo ${version}`);

  const publishRelease = (version = "v3.246.0") => {
    const dir = tempDir();
    putEngine(path.join(dir, "pulumi/pulumi"), version);
    putEngine(path.join(dir, "pulumi/pulumi-language-nodejs"), version);
    const archive = support.tarball(dir, "pulumi");
    server.answers.set(`/releases/${ARCHIVE}`, [body(archive)]);
    server.answers.set(CHECKSUMS, [body(`${digest("x")}  other.zip\n${digest(archive)}  ${ARCHIVE}\n`)]);
    return archive;
  };

  /** A `go` that "builds" a script. */
  const putGo = (...build: string[]) =>
    support.writeGo(
      bin,
      ...(build.length > 0
        ? build
        : ["echo github.com/X/y >&2", "printf '#!/bin/sh\\necho v3.246.0\\n' > \"$out\"", 'chmod +x "$out"']),
    );

  it("takes the program that PULUMI names before anything else", async () => {
    putEngine(path.join(bin, "pulumi"), "v3.200.0");
    env.PULUMI = putEngine(path.join(tempDir(), "my pulumi"), "v3.250.0-alpha.x1234");
    assert.deepEqual(await ensure(), { path: env.PULUMI, version: "3.250.0", source: "path" });
  });

  it("takes a bare name in PULUMI from PATH", async () => {
    env.PULUMI = "pulumi-next";
    const file = putEngine(path.join(bin, "pulumi-next"), "v3.250.0");
    assert.equal((await ensure()).path, file);
  });

  it("refuses a PULUMI that cannot be used, and goes no further", async () => {
    publishRelease();
    env.PULUMI = "/no/such/pulumi";
    await assert.rejects(ensure(), /^ToolchainError: PULUMI is "\/no\/such\/pulumi", and no such program/);
    env.PULUMI = putEngine(path.join(tempDir(), "pulumi"), "v4.0.0");
    await assert.rejects(ensure(), /PULUMI names an engine that cannot be used: .* is version 4\.0\.0/);
    assert.deepEqual(server.requests, []);
  });

  it("takes a usable engine on PATH, without a request", async () => {
    const file = putEngine(path.join(bin, "pulumi"), "v3.208.0");
    assert.deepEqual(await ensure(), { path: file, version: "3.208.0", source: "path" });
    assert.deepEqual([server.requests, notes], [[], []]);
  });

  for (const [what, ...program] of [
    ["too old", "echo v3.207.9"],
    ["too new", "echo v4.0.0"],
    ["without a version", "echo hello"],
    ["broken", "exit 3"],
  ]) {
    it(`passes over an engine on PATH that is ${what}, with a note`, async () => {
      const unusable = writeProgram(path.join(bin, "pulumi"), ...program);
      const cached = putEngine(path.join(cache, CACHED, "pulumi"), "v3.246.0");
      assert.deepEqual(await ensure(), { path: cached, version: "3.246.0", source: "cache" });
      assert.equal(notes.length, 1);
      assert.ok(notes[0].startsWith("Note: no Pulumi engine from the PATH:") && notes[0].includes(unusable));
    });
  }

  it("looks at the next engine on PATH behind an unusable one", async () => {
    putEngine(path.join(bin, "pulumi"), "v2.0.0");
    const second = putEngine(path.join(tempDir(), "pulumi"), "v3.246.0");
    env.PATH = `${bin}:${path.dirname(second)}`;
    assert.equal((await ensure()).path, second);
  });

  it("takes the cached engine, without a request", async () => {
    publishRelease();
    const file = putEngine(path.join(cache, CACHED, "pulumi"), "v3.246.0");
    assert.deepEqual(await ensure(), { path: file, version: "3.246.0", source: "cache" });
    assert.deepEqual(server.requests, []);
  });

  it("never runs a cached engine that others can write, and replaces it", async () => {
    publishRelease();
    const ran = path.join(cache, "ran");
    const file = writeProgram(path.join(cache, CACHED, "pulumi"), `touch '${ran}'`, "echo v3.246.0");
    fs.chmodSync(path.dirname(file), 0o777);
    assert.deepEqual(await ensure(), { path: file, version: "3.246.0", source: "release" });
    assert.match(notes[0], /The Pulumi engine at .* is not used, since .* can be written by every user/);
    assert.ok(!fs.existsSync(ran));
  });

  it("puts no engine where others can write", async () => {
    publishRelease();
    fs.mkdirSync(path.join(cache, "kuma-federation"));
    fs.chmodSync(path.join(cache, "kuma-federation"), 0o777);
    await assert.rejects(ensure(), /The cache at .* is not used, since it can be written by every user/);
    assert.deepEqual(filesBelow(cache), []);
  });

  it("puts an engine into the cache that no group can write, whatever the umask", async () => {
    publishRelease();
    const umask = process.umask(0o002);
    try {
      const { path: file } = await ensure();
      const modes = [file, path.dirname(file)].map((each) => fs.statSync(each).mode & 0o022);
      assert.deepEqual(modes, [0, 0]);
    } finally {
      process.umask(umask);
    }
  });

  it("downloads and verifies the official release, once", async () => {
    publishRelease();
    const file = path.join(cache, CACHED, "pulumi");
    assert.deepEqual(await ensure(), { path: file, version: "3.246.0", source: "release" });
    assert.deepEqual(server.requests, [CHECKSUMS, `/releases/${ARCHIVE}`]);
    assert.deepEqual(filesBelow(cache), [`${CACHED}/pulumi`, `${CACHED}/pulumi-language-nodejs`]);

    assert.equal((await ensure()).source, "cache");
    assert.equal(server.requests.length, 2);
  });

  it("replaces a cached engine that does not run", async () => {
    publishRelease();
    writeProgram(path.join(cache, CACHED, "pulumi"), "exit 1");
    assert.equal((await ensure()).source, "release");
    assert.equal((await ensure()).source, "cache");
  });

  it("does not keep a release that does not run here", async () => {
    publishRelease("none");
    await assert.rejects(ensure(), /official release: .* does not tell its version/);
    assert.deepEqual(filesBelow(cache), []);
  });

  it("never unpacks a release with another digest, and goes on to Go", async () => {
    const archive = publishRelease();
    server.answers.set(`/releases/${ARCHIVE}`, [body(Buffer.concat([archive, Buffer.from("!")]))]);
    putGo();
    assert.equal((await ensure()).source, "go");
    assert.match(
      notes.join("\n"),
      /official release: .* digest is [0-9a-f]{64}, not [0-9a-f]{64} as published/,
    );
    assert.deepEqual(filesBelow(cache), [`${CACHED}/pulumi`]);
  });

  it("does not download a release that the checksums do not list", async () => {
    publishRelease();
    server.answers.set(CHECKSUMS, [body(`${digest("x")}  other.zip\n`)]);
    await assert.rejects(ensure(), /the published checksums do not list pulumi-v3\.246\.0-/);
    assert.deepEqual(server.requests, [CHECKSUMS]);
  });

  it("says that an archive is broken", async () => {
    server.answers.set(`/releases/${ARCHIVE}`, [body("no archive")]);
    server.answers.set(CHECKSUMS, [body(`${digest("no archive")}  ${ARCHIVE}\n`)]);
    await assert.rejects(ensure(), /official release: the archive cannot be unpacked/);
    assert.deepEqual(filesBelow(cache), []);
  });

  it("builds the pinned module with Go where the release cannot be had", async () => {
    const record = putGo();
    const file = path.join(cache, CACHED, "pulumi");
    assert.deepEqual(await ensure(), { path: file, version: "3.246.0", source: "go" });
    const [cwd, cgo, flags, work, args] = fs.readFileSync(record, "utf8").trim().split("|");
    assert.ok(fs.existsSync(path.join(cwd, "go.sum")));
    assert.deepEqual([cgo, flags, work], ["0", "-mod=readonly", "off"]);
    assert.match(args, /^build -v -trimpath .*version\.Version=v3\.246\.0 -o .*\/pkg\/v3\/cmd\/pulumi$/);
    assert.match(notes.join("\n"), /Building the Pulumi engine 3\.246\.0 with Go/);
    assert.deepEqual(filesBelow(cache), [`${CACHED}/pulumi`]);
  });

  it("pins the same version in the Go module", () => {
    const goMod = fs.readFileSync(path.join(__dirname, "../../../toolchain/engine/go.mod"), "utf8");
    assert.match(goMod, /github\.com\/pulumi\/pulumi\/pkg\/v3 v3\.246\.0\b/);
  });

  it("tells Go's own complaint when the build fails, and leaves nothing", async () => {
    putGo("echo 'go: module lookup disabled' >&2", 'echo half > "$out"', "exit 1");
    await assert.rejects(ensure(), /Go build: the build with .*\/go failed \(go: module lookup disabled\)/);
    assert.deepEqual(filesBelow(cache), []);
  });

  it("stops a build that is aborted, and leaves nothing", async () => {
    const record = putGo('echo half > "$out"', "while :; do :; done");
    const abort = new AbortController();
    const running = ensurePulumiEngine({ env, log: () => undefined, signal: abort.signal });
    await until("the build to begin", () => fs.existsSync(record));
    abort.abort(new Error("stopped by the user"));
    await assert.rejects(running, /stopped by the user/);
    assert.deepEqual(filesBelow(cache), []);
  });

  it("refuses a Go that cannot fetch a newer one", async () => {
    writeProgram(path.join(bin, "go"), "echo 'go version go1.18.1 linux/amd64'");
    await assert.rejects(ensure(), /Go build: .*\/go is older than Go 1\.21\.0/);
  });

  it("installs once where it is asked for twice at the same time", async () => {
    const record = putGo();
    const [one, other] = await Promise.all([ensure(), ensure()]);
    assert.deepEqual([one.path, [one.source, other.source].sort()], [other.path, ["cache", "go"]]);
    assert.equal(fs.readFileSync(record, "utf8").trim().split("\n").length, 1);
    assert.deepEqual(filesBelow(cache), [`${CACHED}/pulumi`]);
  });

  it("clears away what a killed process left", async () => {
    putGo();
    const left = path.join(cache, `${CACHED}.tmp-left`);
    fs.mkdirSync(left, { recursive: true });
    await ensure();
    assert.equal(fs.existsSync(left), false);
  });

  it("names every step and the way out when nothing works", async () => {
    await assert.rejects(ensure(), (error: Error) => {
      assert.ok(error instanceof ToolchainError);
      for (const part of [
        "PATH: no pulumi there",
        "cache: no ",
        "official release: http://127.0.0.1",
        "HTTP status 404",
        "Go build: there is no go on PATH",
        "Install Pulumi",
        "or Go",
        "set PULUMI",
      ]) {
        assert.ok(error.message.includes(part), `"${part}" is missing in: ${error.message}`);
      }
      assert.ok(!error.message.includes("\n"));
      return true;
    });
  });

  it("knows the archives that Pulumi publishes", () => {
    assert.equal(archiveName("linux", "x64"), "pulumi-v3.246.0-linux-x64.tar.gz");
    assert.equal(archiveName("darwin", "arm64"), "pulumi-v3.246.0-darwin-arm64.tar.gz");
    assert.equal(archiveName("win32", "x64"), "pulumi-v3.246.0-windows-x64.zip");
    assert.throws(() => archiveName("linux", "s390x"), /no release for linux on s390x/);
  });
});
