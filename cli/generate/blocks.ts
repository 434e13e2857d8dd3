import * as path from "node:path";
import { PACKAGE_ROOT } from "../../toolchain/packageRoot";
import type { Block } from "../../stack/generate/files";
import { wrapped } from "../../stack/generate/lists";
import { commandList } from "../commandLine/usage";
import { guardrailsChapters } from "./guardrails";

const { developmentList } = require(path.join(PACKAGE_ROOT, "scripts", "development.js")) as {
  developmentList: () => string[];
};

const inLines = (items: readonly string[]) => items.map((item) => wrapped(item, "", "  ")).join("\n");

/** What follows from the declarations of the commands. */
export const COMMAND_BLOCKS: readonly Block[] = [
  ["README.md", "commands", () => inLines(commandList())],
  ["docs/guardrails.md", "rules", guardrailsChapters],
  ["CONTRIBUTING.md", "commands", () => inLines(developmentList())],
];
