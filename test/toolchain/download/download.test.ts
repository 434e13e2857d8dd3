import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { checksumFor, parseChecksum } from "../../../toolchain/download/checksums";
import { downloadFile, type DownloadOptions, publishedChecksum } from "../../../toolchain/download/download";
import { ToolchainError } from "../../../toolchain/errors";
import { body, cleanUp, cutOff, digest, startServer, status, tempDir, type TestServer } from "../support";
import { until } from "../../support/until";

const DATA = Buffer.alloc(300_000, "kuma");
const FAST: DownloadOptions = { backoffMs: 1 };

describe("toolchain: download", () => {
  let server: TestServer;
  let dir: string;

  beforeEach(async () => {
    server = await startServer();
    dir = tempDir();
  });
  afterEach(cleanUp);

  const download = (options: DownloadOptions = FAST, expected = digest(DATA)) =>
    downloadFile(`${server.url}/file`, path.join(dir, "file"), parseChecksum(expected), options);

  const assertNothingLeft = () => assert.deepEqual(fs.readdirSync(dir), []);

  it("puts the verified file in place and reports its bytes", async () => {
    server.answers.set("/file", [body(DATA)]);
    let last: unknown[] = [];
    await download({ onProgress: (...bytes) => (last = bytes) });
    assert.deepEqual(fs.readdirSync(dir), ["file"]);
    assert.ok(fs.readFileSync(path.join(dir, "file")).equals(DATA));
    assert.deepEqual(last, [DATA.length, DATA.length]);
  });

  it("takes SHA-512 as well", async () => {
    server.answers.set("/file", [body(DATA)]);
    await download(FAST, digest(DATA, "sha512"));
    assert.deepEqual(fs.readdirSync(dir), ["file"]);
  });

  it("deletes a file with another digest and says both digests", async () => {
    server.answers.set("/file", [body("something else")]);
    await assert.rejects(download(), (error: Error) => {
      assert.ok(error instanceof ToolchainError);
      assert.match(
        error.message,
        new RegExp(`SHA-256 digest is ${digest("something else")}, not ${digest(DATA)}`),
      );
      return true;
    });
    assertNothingLeft();
    assert.equal(server.requests.length, 1);
  });

  it("starts again when the connection breaks half-way", async () => {
    server.answers.set("/file", [cutOff(DATA), body(DATA)]);
    await download();
    assert.ok(fs.readFileSync(path.join(dir, "file")).equals(DATA));
    assert.equal(server.requests.length, 2);
  });

  it("gives up when the file is cut off each time", async () => {
    server.answers.set("/file", [cutOff(DATA)]);
    await assert.rejects(download(), /\/file: cut off before the end \(4 tries\)/);
    assertNothingLeft();
    assert.equal(server.requests.length, 4);
  });

  it("tries again after 500, 503 and a connection that is reset", async () => {
    server.answers.set("/file", [status(500), status(503), (response) => response.destroy(), body(DATA)]);
    await download();
    assert.equal(server.requests.length, 4);
  });

  it("waits as long as Retry-After says", async () => {
    server.answers.set("/file", [status(429, { "retry-after": "1" }), body(DATA)]);
    const started = Date.now();
    await download();
    assert.ok(Date.now() - started >= 950, "one second was to be waited");
  });

  it("does not try a 404 again", async () => {
    await assert.rejects(download(), /\/file: HTTP status 404/);
    assertNothingLeft();
    assert.equal(server.requests.length, 1);
  });

  it("does not try a silent host again", async () => {
    server.answers.set("/file", [() => undefined]);
    await assert.rejects(download({ ...FAST, responseTimeoutMs: 50 }), /no answer in 0\.05 s/);
    assert.equal(server.requests.length, 1);
  });

  it("does not try a refused connection again", async () => {
    const expected = parseChecksum(digest(DATA));
    await assert.rejects(
      downloadFile("http://127.0.0.1:1/file", path.join(dir, "file"), expected, { backoffMs: 3_600_000 }),
      /cannot be reached/,
    );
  });

  it("notices a body that stalls", async () => {
    server.answers.set("/file", [(response) => response.writeHead(200).write("a"), body(DATA)]);
    await download({ ...FAST, idleTimeoutMs: 1_000 });
    assert.equal(server.requests.length, 2);
  });

  it("keeps the deadline over all tries", async () => {
    server.answers.set("/file", [status(503, { "retry-after": "30" })]);
    await assert.rejects(download({ deadlineMs: 200 }), /not finished in 0\.2 s/);
    assertNothingLeft();
  });

  it("can be aborted and leaves nothing", async () => {
    const abort = new AbortController();
    let isSent = false;
    server.answers.set("/file", [(response) => response.writeHead(200).write("a", () => (isSent = true))]);
    const running = download({ signal: abort.signal });
    await until("the begin of the file", () => isSent);
    abort.abort(new Error("stopped by the user"));
    await assert.rejects(running, /stopped by the user/);
    assertNothingLeft();
  });

  it("finds the digest in a published checksums file", async () => {
    const hex = digest(DATA);
    server.answers.set("/sums", [body(`${digest("x")}  file.zip\n${hex.toUpperCase()} *file\r\n`)]);
    assert.deepEqual(await publishedChecksum("file", `${server.url}/sums`, checksumFor), {
      algorithm: "sha256",
      hex,
    });
  });

  it("refuses checksums that do not list the file or are none", () => {
    assert.throws(() => checksumFor("file", `${digest("x")}  other-file\n`), /do not list file/);
    assert.throws(() => checksumFor("file", "abc  file\n"), /is not a SHA-256 or SHA-512 digest/);
    assert.throws(() => parseChecksum("<html>"), /is not a SHA-256 or SHA-512 digest/);
  });
});
