import * as path from "node:path";
import { toJsonSchema } from "@valibot/to-json-schema";
import { PACKAGE_ROOT } from "../../toolchain/packageRoot";
import type { Block } from "../../stack/generate/files";
import { wrapped } from "../../stack/generate/lists";
import { commandList } from "../commandLine/usage";
import { PREVIEW_REPORT } from "../preview/report";
import { STATUS_REPORT } from "../status/report";
import { componentsPage } from "./componentsPage";
import { guardrailsChapters } from "./guardrails";
import { messagesPage } from "./messages";

const { developmentList } = require(path.join(PACKAGE_ROOT, "scripts", "development.js")) as {
  developmentList: () => string[];
};

const inLines = (items: readonly string[]) => items.map((item) => wrapped(item, "", "  ")).join("\n");

/** A file that follows from a source: where it stands, and what it holds. */
export const COMMAND_FILES: readonly (readonly [file: string, text: () => string])[] = [
  ["docs/preview.schema.json", schemaOf(PREVIEW_REPORT, "What a preview of kuma-federation has found")],
  ["docs/status.schema.json", schemaOf(STATUS_REPORT, "What the status of kuma-federation has found")],
  ["docs/components-reference.md", componentsPage],
  ["docs/messages.md", messagesPage],
];

/** Of what a command prints with `--output json`, for programs that read it. */
function schemaOf(report: Parameters<typeof toJsonSchema>[0], title: string): () => string {
  return () => `${JSON.stringify({ ...toJsonSchema(report), title }, undefined, 2)}\n`;
}

/** What follows from the declarations of the commands. */
export const COMMAND_BLOCKS: readonly Block[] = [
  ["README.md", "commands", () => inLines(commandList())],
  ["docs/guardrails.md", "rules", guardrailsChapters],
  ["CONTRIBUTING.md", "commands", () => inLines(developmentList())],
];
