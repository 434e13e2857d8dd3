import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as ts from "typescript";

const ROOT = path.resolve(__dirname, "../..");
const ENTRY = path.join(ROOT, "components/index.ts");
const EXAMPLE = path.join(ROOT, "components/example-of-the-docs.ts");
/** What the examples use of each other, and of the rest of a program. */
const AROUND = `
import * as pulumi from "@pulumi/pulumi";
import * as kf from "kuma-federation";
const { ExistingZone, FederationBridge, GlobalControlPlane, MeshPolicies, RolloutWave, ZoneControlPlane } = kf;
declare namespace before {
  const cluster: { kubeconfig: pulumi.Output<string> };
  const global: kf.GlobalControlPlane;
  const existing: kf.ExistingZone;
  const bridge: kf.FederationBridge;
  const zone: kf.ZoneControlPlane;
}
`;

const options = (): ts.CompilerOptions => {
  const { config } = ts.readConfigFile(path.join(ROOT, "tsconfig.json"), ts.sys.readFile) as {
    config: object;
  };
  return ts.parseJsonConfigFileContent(config, ts.sys, ROOT).options;
};

const tagsOf = (node: ts.Node, tag: string) =>
  ts
    .getJSDocTags(node)
    .flatMap(({ tagName, comment }) => (tagName.text === tag ? [String(comment ?? "")] : []));

describe("the page of the components", () => {
  it("names the version of Pulumi's SDK that the package has", () => {
    const { devDependencies, peerDependencies } = JSON.parse(
      fs.readFileSync(path.join(ROOT, "package.json"), "utf8"),
    ) as Record<string, Record<string, string>>;
    const tried = devDependencies["@pulumi/pulumi"];
    assert.equal(peerDependencies["@pulumi/pulumi"], `^${tried}`);
    const page = fs.readFileSync(path.join(ROOT, "docs/components.md"), "utf8");
    const named = [...page.matchAll(/@pulumi\/pulumi@(\S+)/g)].map(([, version]) => version);
    assert.deepEqual(named, [tried]);
  });
});

describe("the reference of the components", () => {
  let program: ts.Program;
  let exported: ts.Symbol[];
  before(function () {
    this.timeout(120_000);
    program = ts.createProgram([ENTRY], options());
    const checker = program.getTypeChecker();
    const entry = checker.getSymbolAtLocation(program.getSourceFile(ENTRY) as ts.Node) as ts.Symbol;
    exported = checker
      .getExportsOfModule(entry)
      .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol));
  });

  const declarations = <N extends ts.Node>(is: (node: ts.Node) => node is N): N[] =>
    exported.flatMap(({ declarations: all = [] }) => (all as ts.Node[]).filter(is));

  it("says of each argument that may be left out what serves in its place", () => {
    const interfaces = declarations(ts.isInterfaceDeclaration);
    assert.ok(interfaces.length >= 12, String(interfaces.length));
    const without = interfaces.flatMap(({ name, members }) =>
      members
        .filter((member) => member.questionToken && tagsOf(member, "default").join("") === "")
        .map((member) => `${name.text}.${member.name?.getText()}`),
    );
    // of what a component hands to another one, a part is there or not
    const parts = /^(GlobalMembership|CarriedResources|ZoneConnection|ZoneRelease)\./;
    assert.deepEqual(
      without.filter((each) => !parts.test(each)),
      [],
    );
  });

  it("has an example for each component, which compiles", function () {
    this.timeout(120_000);
    const components = declarations(ts.isClassDeclaration);
    assert.deepEqual(components.map(({ name }) => name?.text).sort(), [
      ...["ExistingZone", "FederationBridge", "GlobalControlPlane", "MeshPolicies", "RolloutWave"],
      "ZoneControlPlane",
    ]);
    const examples = components.map((component) => {
      const [example] = tagsOf(component, "example");
      assert.ok(example, component.name?.text);
      return example.replace(/^```ts\n|```$/gm, "").replaceAll("export const", "const");
    });
    // each in a block of its own, in which what it declares takes the place of what is around
    const uses = ["cluster", "global", "existing", "bridge", "zone"];
    const text = examples.map((example) => {
      const own = uses.filter((name) => !new RegExp(`const ${name} `).test(example));
      return `{\n  const { ${own.join(", ")} } = before;\n${example}\n  void [${own.join(", ")}];\n}`;
    });
    const host = ts.createCompilerHost(options());
    const { getSourceFile, fileExists } = host;
    const source = AROUND + text.join("\n");
    host.fileExists = (file) => file === EXAMPLE || fileExists(file);
    host.getSourceFile = (file, ...more) =>
      file === EXAMPLE
        ? ts.createSourceFile(file, source, ts.ScriptTarget.ES2022, true)
        : getSourceFile(file, ...more);
    const compiled = ts.createProgram([EXAMPLE], { ...options(), noUnusedLocals: false }, host);
    const faults = ts.getPreEmitDiagnostics(compiled, compiled.getSourceFile(EXAMPLE));
    assert.deepEqual(
      faults.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " ")),
      [],
    );
  });
});
