import * as fs from "node:fs";
import * as path from "node:path";
import { generatedFiles } from "../../stack/generate/files";
import { COMMAND_BLOCKS } from "./blocks";

const ROOT = path.resolve(__dirname, "../..");

for (const [file, text] of generatedFiles(ROOT, COMMAND_BLOCKS)) {
  const place = path.join(ROOT, file);
  if (fs.existsSync(place) && fs.readFileSync(place, "utf8") === text) continue;
  fs.writeFileSync(place, text);
  console.log(`${file} is written`);
}
