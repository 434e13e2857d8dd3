import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { COMMAND_BLOCKS, COMMAND_FILES } from "../../../cli/generate/blocks";
import { generatedFiles } from "../../../stack/generate/files";

const ROOT = path.resolve(__dirname, "../../..");

describe("cli/generate", () => {
  const files = generatedFiles(ROOT, COMMAND_BLOCKS);

  for (const [file] of COMMAND_BLOCKS) {
    it(`agrees with the commands: ${file} (npm run generate writes it)`, () => {
      assert.equal(fs.readFileSync(path.join(ROOT, file), "utf8"), files.get(file));
    });
  }

  for (const [file, text] of COMMAND_FILES) {
    it(`agrees with its source: ${file} (npm run generate writes it)`, () => {
      assert.equal(fs.readFileSync(path.join(ROOT, file), "utf8"), text());
    });
  }
});
