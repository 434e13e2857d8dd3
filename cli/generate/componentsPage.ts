import * as fs from "node:fs";
import * as path from "node:path";
import * as ts from "typescript";
import * as choices from "../../components/arguments/choices";
import { wrapped } from "../../stack/generate/lists";
import { PACKAGE_ROOT } from "../../toolchain/packageRoot";

const FOLDER = path.join(PACKAGE_ROOT, "components");

/**
 * The components with their arguments and outputs, and the types of both, as the comments of the sources have them.
 */
export function componentsPage(): string {
  const declared = declarations();
  const classes = [...declared.values()].filter(ts.isClassDeclaration);
  const texts = classes.map((each) => componentText(each, declared));
  const types = typesOf(classes, declared).map((each) => typeText(each, declared));
  const page = [
    "# Reference of the components",
    wrapped(
      "Arguments and outputs of each component, and the types of both; [components.md](components.md) tells how they go together. An " +
        "argument may be an `Input` unless its type says otherwise. This page is generated.",
      "",
    ),
    ...texts,
    "## Types",
    ...types,
  ];
  return `${page.join("\n\n")}\n`;
}

type Declared = Map<string, ts.ClassDeclaration | ts.InterfaceDeclaration | ts.TypeAliasDeclaration>;

/** The values of those types that are the values of a constant, by its name. */
const CHOICES = new Map<string, string[]>(
  Object.entries(choices).map(([name, values]) => [name, Object.values(values)]),
);

/** Components, and what is declared beside them, by name. */
function declarations(): Declared {
  const index = fs.readFileSync(path.join(FOLDER, "index.ts"), "utf8");
  const files = fs
    .readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"));
  const found: Declared = new Map();
  for (const file of files.sort()) {
    const text = fs.readFileSync(path.join(FOLDER, file), "utf8");
    for (const node of ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true).statements) {
      const isType = ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
      if ((isType || isComponent(node, index)) && node.name) found.set(node.name.text, node);
    }
  }
  return found;
}

/** One that the package exports, and none that others are made of. */
function isComponent(node: ts.Node, index: string): node is ts.ClassDeclaration {
  if (!ts.isClassDeclaration(node) || !node.name) return false;
  return new RegExp(`export \\{ ${node.name.text}\\b`).test(index);
}

function componentText(node: ts.ClassDeclaration, declared: Declared): string {
  const name = node.name?.text ?? "";
  const args = declared.get(`${name}Args`);
  const outputs = node.members.filter(
    (member): member is ts.PropertyDeclaration =>
      ts.isPropertyDeclaration(member) && !isHidden(member) && commentOf(member) !== "",
  );
  return [
    `## ${name}`,
    wrapped(commentOf(node), ""),
    exampleOf(node),
    "Arguments:",
    args && ts.isInterfaceDeclaration(args) ? members(args, declared) : "none",
    "Outputs:",
    outputs.map((member) => memberText(member, declared)).join("\n"),
  ].join("\n\n");
}

function isHidden(member: ts.PropertyDeclaration): boolean {
  const hiding = [ts.SyntaxKind.PrivateKeyword, ts.SyntaxKind.ProtectedKeyword, ts.SyntaxKind.StaticKeyword];
  return member.modifiers?.some(({ kind }) => hiding.includes(kind)) ?? false;
}

function typeText(node: ts.InterfaceDeclaration, declared: Declared): string {
  return [`### ${node.name.text}`, wrapped(commentOf(node), ""), members(node, declared)]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** Its own ones, and those of what it extends, which may be said anew. */
function members(node: ts.InterfaceDeclaration, declared: Declared): string {
  const all = new Map<string, ts.PropertySignature>();
  const add = (each: ts.InterfaceDeclaration) => {
    for (const clause of each.heritageClauses ?? []) {
      for (const { expression } of clause.types) {
        const base = declared.get(expression.getText());
        if (base && ts.isInterfaceDeclaration(base)) add(base);
      }
    }
    for (const member of each.members)
      if (ts.isPropertySignature(member)) all.set(member.name.getText(), member);
  };
  add(node);
  return [...all.values()].map((member) => memberText(member, declared)).join("\n");
}

function memberText(member: ts.PropertySignature | ts.PropertyDeclaration, declared: Declared): string {
  const type = member.type?.getText().replace(/\s+/g, " ") ?? "";
  const needed = ts.isPropertySignature(member) && !member.questionToken ? ", required" : "";
  const standing = tagOf(member, "default");
  const shown = linked(
    type.replace(/pulumi\.(Input|Output)<(.*)>$/, "$2").replace(/pulumi\.Input<([^<>]*)>/g, "$1"),
    declared,
  );
  const parts = [commentOf(member), standing && `Default: ${standing}.`].filter(Boolean).join(" ");
  return wrapped(
    `- \`${member.name.getText()}\` (${shown}${needed})${parts === "" ? "" : `: ${parts}`}`,
    "",
    "  ",
  );
}

function linked(type: string, declared: Declared): string {
  const base = type.replace(/\[\]$/, "");
  const node = declared.get(base);
  if (node && ts.isInterfaceDeclaration(node)) return `[${type}](#${base.toLowerCase()})`;
  const values = CHOICES.get(base);
  if (values) return values.map((value) => `\`"${value}"\``).join(", ");
  if (node && ts.isTypeAliasDeclaration(node)) return `\`${node.type.getText().replace(/\s+/g, " ")}\``;
  return `\`${type}\``;
}

/** The interfaces that arguments and outputs are of, and those that these are of, by name. */
function typesOf(classes: readonly ts.ClassDeclaration[], declared: Declared): ts.InterfaceDeclaration[] {
  const found = new Map<string, ts.InterfaceDeclaration>();
  const visit = (text: string) => {
    for (const [name] of text.matchAll(/\b[A-Z]\w+\b/g)) {
      const node = declared.get(name);
      if (!node || !ts.isInterfaceDeclaration(node) || found.has(name)) continue;
      found.set(name, node);
      visit(node.getText());
    }
  };
  const ofComponents = new Set(classes.map(({ name }) => `${name?.text}Args`));
  for (const each of classes) {
    const args = declared.get(`${each.name?.text}Args`);
    visit(args?.getText().replace(/^export interface \w+/, "") ?? "");
    for (const member of each.members)
      if (ts.isPropertyDeclaration(member) && !isHidden(member)) visit(member.type?.getText() ?? "");
  }
  return [...found.values()]
    .filter(({ name }) => !ofComponents.has(name.text))
    .sort((a, b) => a.name.text.localeCompare(b.name.text, "en"));
}

function commentOf(node: ts.Node): string {
  const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  return textOf(doc?.comment);
}

/** On one line; what stands in angle brackets outside of code is no HTML. */
function textOf(comment: Parameters<typeof ts.getTextOfJSDocComment>[0]): string {
  const text = ts.getTextOfJSDocComment(comment)?.replace(/\s+/g, " ").trim() ?? "";
  return text.replace(/`[^`]*`|</g, (part) => (part === "<" ? "\\<" : part));
}

function tagOf(node: ts.Node, name: string): string {
  const tag = ts.getJSDocTags(node).find(({ tagName }) => tagName.text === name);
  return textOf(tag?.comment);
}

function exampleOf(node: ts.Node): string {
  const tag = ts.getJSDocTags(node).find(({ tagName }) => tagName.text === "example");
  return ts.getTextOfJSDocComment(tag?.comment)?.trim() ?? "";
}
