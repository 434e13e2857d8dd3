import * as fs from "node:fs";
import * as path from "node:path";
import * as ts from "typescript";
import { PACKAGE_ROOT } from "../../toolchain/packageRoot";

/** What the texts of some folders are about, and where more is told of it. The first that fits a file counts. */
const AREAS: readonly (readonly [title: string, more: string, folders: readonly string[]])[] = [
  ["Commands and stacks", "[README](../README.md#commands) has the commands.", ["cli"]],
  ["Settings", "[README](../README.md#settings) has the settings.", ["stack"]],
  ["Components", "[components.md](components.md) has their arguments.", ["components"]],
  ["Konnect", "[konnect.md](konnect.md) has more.", ["kuma/konnect", "platforms/konnect"]],
  ["Preflight", "[preflight.md](preflight.md) has a heading for each check.", ["kuma/preflight"]],
  ["Policies", "[profiles.md](profiles.md) has more.", ["kuma/policies"]],
  ["Control planes", "[failures.md](failures.md) tells what each failure leaves.", ["kuma/api", "kuma"]],
  ["Kubernetes", "[kubernetes.md](kubernetes.md) has more.", ["platforms/kubernetes", "resources/cluster"]],
  ["Hosts", "[hosts.md](hosts.md) has more.", ["platforms/universal/unit", "resources/host"]],
  ["Processes on this machine", "[universal.md](universal.md) has more.", ["platforms"]],
  ["Resources", "[failures.md](failures.md) tells what each failure leaves.", ["resources"]],
  ["Tools", "[toolchain.md](toolchain.md) has where they come from.", ["toolchain"]],
];
const FEWEST_WORDS = 5;
const REST = "…";

/**
 * Every sentence that the program says, by what it is about, so that who has met one finds it by its words. Read from the
 * sources: what differs from case to case is shown as three dots.
 */
export function messagesPage(): string {
  const told = new Map<string, Set<string>>(AREAS.map(([title]) => [title, new Set()]));
  for (const file of sources()) {
    const area = AREAS.find(([, , folders]) => folders.some((folder) => file.startsWith(`${folder}/`)));
    for (const text of sentencesIn(file)) told.get(area?.[0] ?? "")?.add(text);
  }
  const chapters = AREAS.map(([title, more]) => {
    const texts = [...(told.get(title) ?? [])].sort((a, b) => a.localeCompare(b, "en"));
    return [`## ${title}`, more, texts.map(item).join("\n")].join("\n\n");
  });
  return (
    [
      "# Messages",
      "What the program says where something is wrong or is to be known, by what it is about. Look for the words that do not change; what\n" +
        "differs from case to case is shown as three dots. Each message says what was changed and what to do. This page is generated.",
      ...chapters,
      "",
    ]
      .join("\n\n")
      .trimEnd() + "\n"
  );
}

/** As a list's item of code, which shows every character as it is. */
function item(text: string): string {
  const fence = text.includes("`") ? "``" : "`";
  const pad = text.startsWith("`") || text.endsWith("`") ? " " : "";
  return lines(`${fence}${pad}${text}${pad}${fence}`).join("\n");
}

/** Of 120 characters at the most; a line break in code is a blank, and an indentation would be part of it to Prettier. */
function lines(text: string): string[] {
  const found: string[] = [];
  for (const word of text.split(" ")) {
    const last = found.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= 120)
      found[found.length - 1] = `${last} ${word}`;
    else found.push(last === undefined ? `- ${word}` : word);
  }
  return found;
}

function sources(): string[] {
  const folders = [...new Set(AREAS.flatMap(([, , all]) => all).map((folder) => folder.split("/")[0]))];
  return folders
    .flatMap((folder) =>
      fs
        .readdirSync(path.join(PACKAGE_ROOT, folder), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts") && !file.startsWith("generate"))
        .map((file) => path.join(folder, file)),
    )
    .sort();
}

function sentencesIn(file: string): string[] {
  const text = fs.readFileSync(path.join(PACKAGE_ROOT, file), "utf8");
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const look = (node: ts.Node): void => {
    const said = ts.isExpression(node) ? textOf(node) : undefined;
    if (said === undefined) ts.forEachChild(node, look);
    else if (isSentence(said)) found.push(said);
    else if (!ts.isStringLiteralLike(node)) ts.forEachChild(node, look);
  };
  look(source);
  return found;
}

/** A text that is put together from others; undefined for what is no text. */
function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    const parts = node.templateSpans.map(
      ({ expression, literal }) => (textOf(expression) ?? REST) + literal.text,
    );
    return node.head.text + parts.join("");
  }
  if (ts.isParenthesizedExpression(node)) return textOf(node.expression);
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const [left, right] = [textOf(node.left), textOf(node.right)];
    return left === undefined && right === undefined ? undefined : (left ?? REST) + (right ?? REST);
  }
  return undefined;
}

function isSentence(text: string): boolean {
  const words = text.split(/\s+/).filter((word) => /\p{L}{2,}/u.test(word));
  return (
    words.length >= FEWEST_WORDS && /^[\p{Lu}…]/u.test(text) && /[.:?]$/.test(text) && !text.includes("\n")
  );
}
