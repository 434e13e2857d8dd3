import * as fs from "node:fs";
import * as path from "node:path";
import { KONNECT_GLOBAL } from "../schema/konnect";
import { KUBERNETES_GLOBAL, KUBERNETES_ZONE } from "../schema/kubernetes";
import { HOST_GLOBAL, HOST_ZONE } from "../schema/host";
import { GLOBALS, ZONES } from "../schema/stack";
import { EXISTING_GLOBAL, UNIVERSAL_GLOBAL, UNIVERSAL_ZONE } from "../schema/universal";
import { jsonSchema } from "./jsonSchema";
import { pulumiDescription, sectionList, stackList } from "./lists";

/** Text that follows from a source: where it stands, between which marks, and how it is made. */
export type Block = readonly [file: string, block: string, text: (file: string) => string];

const BLOCKS: readonly Block[] = [
  ["README.md", "settings of a stack", stackList],
  ["docs/universal.md", "universal global", (file) => sectionList(file, UNIVERSAL_GLOBAL)],
  ["docs/universal.md", "existing global", (file) => sectionList(file, EXISTING_GLOBAL)],
  ["docs/universal.md", "universal zone", (file) => sectionList(file, UNIVERSAL_ZONE)],
  [
    "docs/kubernetes.md",
    "kubernetes",
    (file) => sectionList(file, KUBERNETES_GLOBAL, { of: KUBERNETES_ZONE }),
  ],
  [
    "docs/kubernetes.md",
    "kubernetes global",
    (file) => sectionList(file, KUBERNETES_GLOBAL, { without: KUBERNETES_ZONE }),
  ],
  [
    "docs/kubernetes.md",
    "kubernetes zone",
    (file) => sectionList(file, KUBERNETES_ZONE, { without: KUBERNETES_GLOBAL }),
  ],
  ["docs/hosts.md", "host", (file) => sectionList(file, HOST_GLOBAL, { of: HOST_ZONE })],
  ["docs/hosts.md", "host global", (file) => sectionList(file, HOST_GLOBAL, { without: HOST_ZONE })],
  ["docs/hosts.md", "host zone", (file) => sectionList(file, HOST_ZONE, { without: HOST_GLOBAL })],
  ["docs/konnect.md", "konnect global", (file) => sectionList(file, KONNECT_GLOBAL)],
  ["Pulumi.yaml", "global", () => pulumiDescription("The global control plane.", GLOBALS)],
  ["Pulumi.yaml", "zones", () => pulumiDescription("The zones to federate.", ZONES)],
];

export const JSON_SCHEMA = "stack/schema.json";

/**
 * The files that are generated, or hold what is, as they have to be; by their paths below `root`.
 *
 * @param more what does not follow from the schema
 */
export function generatedFiles(root: string, more: readonly Block[] = []): Map<string, string> {
  const files = new Map([[JSON_SCHEMA, `${JSON.stringify(jsonSchema(), undefined, 2)}\n`]]);
  for (const [file, block, text] of [...BLOCKS, ...more]) {
    const before = files.get(file) ?? fs.readFileSync(path.join(root, file), "utf8");
    files.set(file, withBlock(before, file, block, text(file)));
  }
  return files;
}

/** In Markdown a blank line keeps a mark apart from the list that it encloses. */
function withBlock(text: string, file: string, block: string, content: string): string {
  const isMarkdown = file.endsWith(".md");
  const mark = (what: string) => (isMarkdown ? `<!-- ${what} -->` : `# ${what}`);
  const [begin, end] = [mark(`generated: ${block}`), mark(`end: ${block}`)];
  const lines = text.split("\n");
  const [from, to] = [begin, end].map((line) => lines.findIndex((each) => each.trim() === line));
  if (from < 0 || to < from) throw new Error(`${file} has no lines "${begin}" and "${end}"`);
  const inner = isMarkdown ? ["", content, ""] : [content];
  return [...lines.slice(0, from + 1), ...inner, ...lines.slice(to)].join("\n");
}
