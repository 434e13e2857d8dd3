import * as fs from "node:fs";
import * as path from "node:path";
import { generatedFiles } from "../../stack/generate/files";
import { COMMAND_BLOCKS, COMMAND_FILES } from "./blocks";

const ROOT = path.resolve(__dirname, "../..");

const made = COMMAND_FILES.map(([file, text]) => [file, text()] as const);

for (const [file, text] of [...generatedFiles(ROOT, COMMAND_BLOCKS), ...made]) {
  const place = path.join(ROOT, file);
  if (fs.existsSync(place) && fs.readFileSync(place, "utf8") === text) continue;
  fs.writeFileSync(place, text);
  console.log(`${file} is written`);
}
