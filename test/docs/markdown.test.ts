import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

const ROOT = path.resolve(__dirname, "../..");
/** What fits a terminal, a diff and an editor side by side. */
const LONGEST_LINE = 160;

const FILES = [
  "README.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  ...fs
    .readdirSync(path.join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md") && !file.startsWith("site"))
    .map((file) => path.join("docs", file)),
];

/** The lines that are no code. */
function prose(file: string): { line: string; at: string }[] {
  let isCode = false;
  const text = fs.readFileSync(path.join(ROOT, file), "utf8");
  return text.split("\n").flatMap((line, index) => {
    const isFence = /^\s*(```|~~~)/.test(line);
    if (isFence) isCode = !isCode;
    return isFence || isCode ? [] : [{ line, at: `${file}:${index + 1}` }];
  });
}

/** The anchor that GitHub gives to a heading. */
function anchorOf(heading: string): string {
  const text = heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .trim()
    .toLowerCase();
  return text.replace(/[^\p{L}\p{N}\p{M}\p{Pc}\- ]/gu, "").replaceAll(" ", "-");
}

function anchorsIn(file: string): Set<string> {
  const anchors = new Set<string>();
  for (const { line } of prose(file)) {
    const heading = /^#{1,6} (.*)$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const first = anchorOf(heading);
    let anchor = first;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${first}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

describe("the documents", () => {
  for (const file of FILES) {
    it(`can be read as text: ${file}`, () => {
      const long = prose(file).filter(({ line }) => line.length > LONGEST_LINE);
      assert.deepEqual(
        long.map(({ at, line }) => `${at}: ${line.length}`),
        [],
      );
    });

    it(`lead somewhere with each link: ${file}`, () => {
      const text = prose(file)
        .map(({ line }) => line)
        .join("\n");
      const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
      const broken = targets.filter((target) => {
        if (/^[a-z]+:/.test(target)) return false;
        const [place, anchor] = target.split("#");
        const found = place === "" ? file : path.join(path.dirname(file), place);
        if (!fs.existsSync(path.join(ROOT, found))) return true;
        return anchor !== undefined && found.endsWith(".md") && !anchorsIn(found).has(anchor);
      });
      assert.deepEqual(broken, []);
    });

    it(`name no source file that is not there: ${file}`, () => {
      const text = prose(file)
        .map(({ line }) => line)
        .join("\n");
      const named = [...text.matchAll(/`([\w.-]+\/[\w./-]+\.(?:ts|js|sh))`/g)].map(([, name]) => name);
      assert.deepEqual(
        named.filter((name) => !fs.existsSync(path.join(ROOT, name))),
        [],
      );
    });
  }
});
