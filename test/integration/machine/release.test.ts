import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { findOnPath } from "../../../toolchain/process/executables";
import { ensurePulumiEngine } from "../../../toolchain/pulumi/pulumiEngine";
import { needsEngine } from "../../support/pulumi/engine";
import {
  type TestServer,
  body,
  cleanUp,
  digest,
  startServer,
  status,
  tarball,
  tempDir,
  writeProgram,
} from "../../toolchain/support";
import { ROOT, Sandbox, filesBelow, oneZone } from "../support";

const ARCHIVE = `kuma-2.14.3-${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}.tar.gz`;
const MEMBER = "kuma-2.14.3/bin/kuma-cp";
const ASKED = ["/kuma.intoto.jsonl", `/${ARCHIVE}`];

/** The stacks of a user who has no kuma-cp and names none, on a machine that reaches a server of releases. */
describe("control planes of Kuma's release", function () {
  needsEngine();
  let server: TestServer;
  let sandbox: Sandbox;
  let cache: string;
  let archive: Buffer;

  beforeEach(async () => {
    server = await startServer();
    cache = tempDir();
    const release = tempDir();
    // a program of its own, which takes itself for the real one
    writeProgram(
      path.join(release, MEMBER),
      '[ "$1" = version ] && { echo "Kuma: 2.14.3"; exit 0; }',
      `exec '${process.execPath}' '${ROOT}/stand-in/kuma-cp.js' "$@"`,
    );
    archive = tarball(release, "kuma-2.14.3");
    server.answers.set(ASKED[1], [body(archive)]);
    publish(digest(archive));
    const { path: engine } = await ensurePulumiEngine({ env: process.env, log: () => {} });
    sandbox = new Sandbox({
      PATH: withoutKumaCp(),
      PULUMI: engine,
      XDG_CACHE_HOME: cache,
      KUMA_RELEASE_URL: server.url,
      KUMA_CHECKSUMS_URL: server.url,
    });
    const { config } = await oneZone({ kumaCp: "auto" });
    sandbox.writeStack("test", { ...config, global: { ...(config.global as object), kumaCp: "auto" } });
  });
  afterEach(async () => {
    await sandbox.remove();
    await cleanUp();
  });

  function publish(sha256: string): void {
    const statement = JSON.stringify({ subject: [{ name: ARCHIVE, digest: { sha256 } }] });
    const payload = Buffer.from(statement).toString("base64");
    server.answers.set(ASKED[0], [body(JSON.stringify({ payload }))]);
  }

  /** The programs that the control planes were started with. */
  const started = () =>
    filesBelow(sandbox.state)
      .filter((file) => path.basename(file) === "settings.json")
      .map((file) => (JSON.parse(fs.readFileSync(file, "utf8")) as { command: string[] }).command.at(-1));

  it("are downloaded and verified once, told step by step, and run on both sides", async () => {
    const { status: exit, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(exit, 0, output);
    const file = path.join(cache, "kuma-federation/kuma-2.14.3", MEMBER);
    assert.deepEqual([started(), server.requests], [[file, file], ASKED]);
    const steps = output.split("\n").filter((line) => line.startsWith("kuma-cp: "));
    assert.deepEqual(steps, [
      "kuma-cp: none on PATH.",
      "kuma-cp: none in the cache; looking for the official release 2.14.3.",
      `kuma-cp: Kuma 2.14.3 from the official release, ${file}.`,
    ]);

    // a control plane keeps its program, also where somebody has emptied the cache
    fs.rmSync(cache, { recursive: true });
    for (const pid of sandbox.processes()) process.kill(pid, "SIGKILL");
    const again = await sandbox.run("up", "--stack", "test");
    assert.equal(again.status, 0, again.output);
    assert.deepEqual(
      [started(), server.requests],
      [
        [file, file],
        [...ASKED, ...ASKED],
      ],
    );
  });

  it("give way to stand-ins where they are not to be had, which is found out once in a run", async () => {
    server.answers.set(ASKED[0], [status(404)]);
    const { status: exit, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(exit, 0, output);
    const standIn = path.join(ROOT, "stand-in/kuma-cp.js");
    assert.deepEqual([started(), server.requests], [[standIn, standIn], [ASKED[0]]]);
    assert.match(output, /^Note: Kuma 2\.14\.3 cannot be downloaded: .*HTTP status 404\.$/m);
    assert.match(output, /^kuma-cp: the stand-in takes its place, modelled on Kuma 2\.14\.3\./m);
    assert.match(output, /^Zone zone-1 runs on this machine: stand-in for kuma-cp/m);
  });

  it("are refused with another digest than the published one, and nothing is started instead", async () => {
    publish(digest("another"));
    const { status: exit, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(exit, 2, output);
    assert.match(output, /^error: Kuma 2\.14\.3 was refused: .* as published; .* Nothing of it was run\./m);
    assert.deepEqual([started(), sandbox.processes(), filesBelow(cache)], [[], [], []]);
  });
});

/** This process's PATH without the directories that hold a kuma-cp. */
function withoutKumaCp(): string {
  const holding = findOnPath("kuma-cp", process.env).map((file) => path.dirname(file));
  const directories = (process.env.PATH ?? "").split(path.delimiter);
  return directories.filter((directory) => !holding.includes(directory)).join(path.delimiter);
}
