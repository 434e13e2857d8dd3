import * as assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as path from "node:path";
import { kumaArchive } from "../../../toolchain/kumaCp/kumaArchive";
import { cleanUp, later, tempDir } from "../../support/cleanUp";

const CONTENT = "an archive";
const SHA256 = createHash("sha256").update(CONTENT).digest("hex");

describe("toolchain/kumaArchive", () => {
  afterEach(cleanUp);

  const context = () => ({ env: { XDG_CACHE_HOME: tempDir() }, log: () => {} });

  it("is a file of this machine, whose digest is compared", async () => {
    const file = path.join(tempDir(), "kuma.tar.gz");
    fs.writeFileSync(file, CONTENT);
    const found = await kumaArchive({ from: file, sha256: SHA256.toUpperCase() }, "x64", context());
    assert.deepEqual(found, { file, checksum: { algorithm: "sha256", hex: SHA256 } });
    fs.appendFileSync(file, "!");
    await assert.rejects(kumaArchive({ from: file, sha256: SHA256 }, "x64", context()), /SHA-256 digest is/);
    fs.rmSync(file);
    await assert.rejects(
      kumaArchive({ from: file, sha256: SHA256 }, "x64", context()),
      /there is no such file/,
    );
  });

  it("is downloaded once from an address, and not kept with another digest", async () => {
    let asked = 0;
    let content = "another";
    const server = http.createServer((_, answer) => (asked++, answer.end(content)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    later(() => void server.close());
    const from = `http://127.0.0.1:${(server.address() as AddressInfo).port}/kuma.tar.gz`;
    const here = context();
    await assert.rejects(kumaArchive({ from, sha256: SHA256 }, "x64", here), /not .* as published/);
    content = CONTENT;
    const { file } = await kumaArchive({ from, sha256: SHA256 }, "x64", here);
    assert.equal(fs.readFileSync(file, "utf8"), CONTENT);
    await kumaArchive({ from, sha256: SHA256 }, "x64", here);
    assert.equal(asked, 2);
  });

  it("is the official release with the digest that is given, for the architecture of the host", async () => {
    const asked: (string | undefined)[] = [];
    const server = http.createServer(({ url }, answer) => (asked.push(url), answer.end(CONTENT)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    later(() => void server.close());
    const { env, log } = context();
    const more = {
      KUMA_SHA256: SHA256,
      KUMA_RELEASE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    };
    await kumaArchive(undefined, "arm64", { env: { ...env, ...more }, log });
    assert.deepEqual(asked, ["/kuma-2.14.3-linux-arm64.tar.gz"]);
  });
});
