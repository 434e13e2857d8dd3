import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import {
  findKumaCp,
  restoreKumaCp,
  type KumaCp,
  type KumaCpChoice,
} from "../../../toolchain/kumaCp/kumaControlPlane";
import * as support from "../support";
import { body, cleanUp, digest, filesBelow, pathWith, startServer, tempDir, writeProgram } from "../support";

const TARGET = `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
const ARCHIVE = `kuma-2.14.3-${TARGET}.tar.gz`;
const MEMBER = "kuma-2.14.3/bin/kuma-cp";
const NOWHERE = "http://127.0.0.1:1";

describe("toolchain: Kuma control plane", () => {
  let bin: string;
  let env: NodeJS.ProcessEnv;
  let notes: string[];

  beforeEach(() => {
    bin = pathWith("tar", "gzip");
    // no test looks for a release beyond this machine
    env = { PATH: bin, XDG_CACHE_HOME: tempDir(), KUMA_RELEASE_URL: NOWHERE, KUMA_CHECKSUMS_URL: NOWHERE };
    notes = [];
  });
  afterEach(cleanUp);

  const find = (choice: KumaCpChoice) => findKumaCp({ choice, env, log: (line) => notes.push(line) });

  const putKumaCp = (file: string, answer: string) =>
    writeProgram(file, `[ "$1" = version ] && echo "${answer}"`);

  const STAND_IN = {
    command: [process.execPath, path.resolve("stand-in/kuma-cp.js")],
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
    assert.deepEqual(notes, [`kuma-cp: Kuma 2.14.3 named by KUMA_CP, ${env.KUMA_CP}.`]);
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

  it("tells each place that has none, and falls back to the stand-in", async () => {
    assert.deepEqual(await find("auto"), STAND_IN);
    assert.deepEqual(notes, [
      "kuma-cp: none on PATH.",
      "kuma-cp: none in the cache; looking for the official release 2.14.3.",
      `Note: Kuma 2.14.3 cannot be downloaded: ${NOWHERE}/kuma.intoto.jsonl: cannot be reached (bad port).`,
      "kuma-cp: the stand-in takes its place, modelled on Kuma 2.14.3. The setting kumaCp: embedded asks for it at once.",
    ]);
  });

  it("takes the stand-in when asked for, whatever else is there", async () => {
    env.KUMA_CP = putKumaCp(path.join(bin, "kuma-cp"), "Kuma: 2.14.3");
    assert.deepEqual(await find("embedded"), STAND_IN);
    assert.deepEqual(notes, []);
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
    const ASKED = ["/github/kuma.intoto.jsonl", `/kuma/${ARCHIVE}`];
    let server: support.TestServer;
    let archive: Buffer;
    let released: KumaCp;

    beforeEach(async () => {
      server = await startServer();
      const dir = tempDir();
      putKumaCp(path.join(dir, MEMBER), "Kuma: 2.14.3");
      putKumaCp(path.join(dir, "kuma-2.14.3/bin/envoy"), "large");
      archive = support.tarball(dir, "kuma-2.14.3");
      server.answers.set(ASKED[1], [body(archive)]);
      publish(digest(archive));
      env.KUMA_RELEASE_URL = `${server.url}/kuma`;
      env.KUMA_CHECKSUMS_URL = `${server.url}/github/`;
      const file = path.join(env.XDG_CACHE_HOME!, "kuma-federation/kuma-2.14.3", MEMBER);
      const product = { product: "Kuma", version: "2.14.3", standIn: false };
      released = { command: [file], ...product, source: "release" };
    });

    /** Publishes provenance as Kuma's release workflow does: all archives of the release in one statement. */
    const publish = (sha256: string, name = ARCHIVE) => {
      const subject = [
        { name: "kuma-2.14.3-plan9-mips.tar.gz", digest: { sha256: digest("another") } },
        { name, digest: { sha256 } },
      ];
      const payload = Buffer.from(JSON.stringify({ subject })).toString("base64");
      server.answers.set(ASKED[0], [body(`${JSON.stringify({ payload, signatures: [] })}\n`)]);
    };
    const cached = () => filesBelow(env.XDG_CACHE_HOME!);

    for (const choice of ["auto", "download"] as const) {
      it(`is downloaded, verified by what is published, and cached (${choice})`, async () => {
        assert.deepEqual(await find(choice), released);
        assert.deepEqual(cached(), [`kuma-federation/kuma-2.14.3/${MEMBER}`]);
        assert.deepEqual(server.requests, ASKED);
        assert.equal(notes.at(-1), `kuma-cp: Kuma 2.14.3 from the official release, ${released.command[0]}.`);
        if (choice === "auto") assert.equal(notes[0], "kuma-cp: none on PATH.");

        assert.deepEqual(await find(choice), { ...released, source: "cache" });
        assert.equal(server.requests.length, 2);
      });

      it(`is not run with another digest, nor replaced by anything else (${choice})`, async () => {
        publish(digest("another"));
        await assert.rejects(find(choice), (error: Error) => {
          assert.match(error.message, /^Kuma 2\.14\.3 was refused: .*digest is .*, not .* as published/);
          assert.match(error.message, /Nothing of it was run\. .*KUMA_CP names a kuma-cp that you trust/);
          return true;
        });
        assert.deepEqual(cached(), []);
      });

      it(`is verified by KUMA_SHA256 where that is given, and by nothing else (${choice})`, async () => {
        publish(digest("another"));
        env.KUMA_SHA256 = digest(archive).toUpperCase();
        assert.deepEqual(await find(choice), released);
        assert.deepEqual(server.requests, [ASKED[1]]);
      });

      it(`is not looked for where KUMA_SHA256 is no digest (${choice})`, async () => {
        env.KUMA_SHA256 = "yes";
        await assert.rejects(
          find(choice),
          /^ToolchainError: KUMA_SHA256 cannot be used: "yes" is not a SHA-256/,
        );
        assert.deepEqual([server.requests, cached()], [[], []]);
      });
    }

    it("is not run from a cache that others can write", async () => {
      putKumaCp(released.command[0], "Kuma: 2.14.3");
      fs.chmodSync(path.dirname(released.command[0]), 0o777);
      await assert.rejects(find("download"), /The kuma-cp at .* is not used, since .* every user/);
    });

    it("replaces one in the cache that does not run", async () => {
      writeProgram(released.command[0], "exit 1");
      assert.deepEqual(await find("auto"), released);
      assert.match(notes[1], /^Note: passed over the kuma-cp in the cache: .* failed \(exit status 1\)\.$/);
    });

    for (const [what, path, answer, why] of [
      ["is cut off each time", ASKED[1], support.cutOff(Buffer.alloc(50_000)), "cut off before the end"],
      ["is not there", ASKED[1], support.status(404), "HTTP status 404"],
      ["has no published digest", ASKED[0], support.status(404), "intoto.jsonl: HTTP status 404"],
      ["is not in what is published", ASKED[0], body('{"payload":"e30="}'), "is none"],
      ["has text that is no provenance", ASKED[0], body("<html>"), "is none"],
    ] as const) {
      it(`leaves auto with the stand-in where it ${what}, and says so`, async function () {
        server.answers.set(path, [answer]);
        assert.deepEqual(await find("auto"), STAND_IN);
        const note = notes.find((line) => line.startsWith("Note: Kuma 2.14.3 cannot be downloaded: "));
        assert.ok(note?.includes(why), notes.join("\n"));
        assert.deepEqual(cached(), []);
        await assert.rejects(find("download"), /^ToolchainError: Kuma 2\.14\.3 cannot be downloaded: /);
      });
    }

    it("is downloaded again for a control plane that was started with it, and for no other", async () => {
      const context = { env, log: (line: string) => notes.push(line) };
      await restoreKumaCp("/usr/bin/kuma-cp", context);
      assert.deepEqual(server.requests, []);
      await restoreKumaCp(released.command[0], context);
      assert.deepEqual(cached(), [`kuma-federation/kuma-2.14.3/${MEMBER}`]);
      await restoreKumaCp(released.command[0], context);
      assert.deepEqual(server.requests, ASKED);
    });

    it("is not taken for another machine's", async () => {
      publish(digest(archive), "kuma-2.14.3-plan9-mips.tar.gz");
      await assert.rejects(find("download"), /the published provenance does not list kuma-2\.14\.3-/);
      assert.deepEqual(server.requests, [ASKED[0]]);
    });

    it("costs seconds where a host takes the connection and is silent", async () => {
      server.answers.set(ASKED[0], [() => undefined]);
      assert.deepEqual(await find("auto"), STAND_IN);
      assert.match(notes.join("\n"), /no answer in 5 s/);
      assert.equal(server.requests.length, 1);
    });
  });
});
