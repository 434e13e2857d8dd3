import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

const ROOT = path.resolve(__dirname, "../..");
const SITE = path.join(ROOT, "docs/site");

const pages = fs
  .readdirSync(path.join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".md") && !file.startsWith("site"));

describe("the site of the docs", () => {
  it("leads to each page from its list, but for single decisions", () => {
    const config = fs.readFileSync(path.join(SITE, ".vitepress/config.mts"), "utf8");
    const missing = pages
      .filter((file) => !file.startsWith("decisions"))
      .filter((file) => !config.includes(`"${file.replace(/\.md$/, "")}"`));
    assert.deepEqual(missing, []);
  });

  it("is made of every page, without a link that leads nowhere, and searches the words of messages", function () {
    this.timeout(600_000);
    const sources = "https://example.com/sources/";
    const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/run.js", "docs"], {
      cwd: ROOT,
      encoding: "utf8",
      env: { ...process.env, DOCS_SOURCES: sources },
    });
    assert.equal(status, 0, stdout + stderr);
    const made = (name: string) => path.join(SITE, "dist", name);
    for (const file of [...pages, "CHANGELOG.md", "CONTRIBUTING.md"]) {
      const name = file.replace(/README\.md$/, "index.md").replace(/\.md$/, ".html");
      assert.ok(fs.existsSync(made(name)), name);
    }
    const first = fs.readFileSync(made("index.html"), "utf8");
    assert.match(first, /href="\/kubernetes.html"/);
    assert.ok(!first.includes("<!-- begin"), "marks of what is generated are no text");
    const chunks = path.join(SITE, "dist/assets/chunks");
    const index = fs.readdirSync(chunks).filter((name) => /localSearchIndex/.test(name));
    const words = index.map((name) => fs.readFileSync(path.join(chunks, name), "utf8")).join("");
    for (const word of ["preflight", "hostkey", "passphrase"]) assert.ok(words.includes(word), word);
    assert.ok(fs.readFileSync(made("hosts.html"), "utf8").includes(`${sources}Pulumi.hosts.yaml`));
  });
});
