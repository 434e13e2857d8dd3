import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { ESLint, type Linter } from "eslint";
import * as ts from "typescript";
import { filesBelow } from "../toolchain/support";

const ROOT = path.resolve(__dirname, "../..");

/** To ask for types would take the whole project. */
const WITHOUT_TYPES: Linter.Config = {
  languageOptions: { parserOptions: { projectService: false, project: null } },
  rules: {
    "@typescript-eslint/no-floating-promises": "off",
    "@typescript-eslint/no-misused-promises": "off",
  },
};

/** The files that a file may mean by its imports; those of types included. */
function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(fs.readFileSync(file, "utf8"), true, true);
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith("."))
    .map(({ fileName }) => path.resolve(path.dirname(file), fileName))
    .flatMap((place) => [`${place}.ts`, path.join(place, "index.ts")]);
}

describe("the floors of the house that lint holds", function () {
  const eslint = new ESLint({ cwd: ROOT, overrideConfig: WITHOUT_TYPES });

  /** What lint says of a file with this import. */
  const complaints = async (file: string, imported: string): Promise<string[]> => {
    const text = `import * as x from "${imported}";\nvoid x;\n`;
    const [{ messages }] = await eslint.lintText(text, { filePath: path.join(ROOT, file) });
    return messages.map(({ ruleId, message }) => `${ruleId}: ${message}`);
  };

  for (const [file, imported] of [
    ["kuma/new.ts", "../platforms/openControlPlane"],
    ["kuma/new.ts", "../toolchain/process/lock"],
    ["kuma/preflight/new.ts", "../../test/support/until"],
    ["stand-in/new.ts", "../kuma/resource/resource"],
    ["toolchain/new.ts", "../kuma/resource/resource"],
    ["platforms/universal/new.ts", "../../resources"],
    ["resources/zone/new.ts", "../../components"],
    ["components/new.ts", "../stack"],
    ["stack/new.ts", "../cli/stack/file/stackFile"],
    ["components/new.ts", "../cli/stack/file/stackFile"],
    ["cli/new.ts", "../index"],
  ]) {
    it(`keeps ${file} from ${imported}`, async () => {
      const told = await complaints(file, imported);
      assert.equal(told.length, 1, told.join("\n"));
      assert.match(told[0], /^import-x\/no-restricted-paths: .*\(CONTRIBUTING\.md\)\.$/);
    });
  }

  for (const file of ["kuma/new.ts", "stand-in/new.ts", "platforms/kubernetes/new.ts"]) {
    it(`keeps ${file} from Pulumi`, async () => {
      const told = await complaints(file, "@pulumi/pulumi");
      assert.deepEqual(
        told.map((each) => each.split(":")[0]),
        ["no-restricted-imports"],
      );
    });
  }

  it("lets each use what is below it", async () => {
    for (const [file, imported] of [
      ["kuma/preflight/new.ts", "../federation/plan"],
      ["platforms/universal/new.ts", "../../kuma"],
      ["resources/zone/new.ts", "../../platforms/openControlPlane"],
      ["components/new.ts", "@pulumi/pulumi"],
      ["cli/new.ts", "../stack/config"],
    ])
      assert.deepEqual(await complaints(file, imported), [], file);
  });

  // lint passes over imports that bring types alone
  it("are free of circles, also of such as only types close", () => {
    const isFolder = (name: string) =>
      !/^(\.|node_modules$|dist$)/.test(name) && fs.statSync(path.join(ROOT, name)).isDirectory();
    const files = new Set(
      fs
        .readdirSync(ROOT)
        .filter(isFolder)
        .flatMap((folder) => filesBelow(path.join(ROOT, folder)).map((file) => path.join(ROOT, folder, file)))
        .filter((file) => file.endsWith(".ts") && !file.includes("/node_modules/")),
    );
    const imports = new Map(
      [...files].map((file) => [file, importsOf(file).filter((each) => files.has(each))]),
    );
    // what imports nothing that is left is in no circle
    for (let before = -1; before !== imports.size;) {
      before = imports.size;
      for (const [file, others] of imports)
        if (!others.some((each) => imports.has(each))) imports.delete(file);
    }
    assert.deepEqual(
      [...imports.keys()].map((file) => path.relative(ROOT, file)),
      [],
    );
  });

  it("finds a circle of imports", async () => {
    // kuma/federation/plan.ts imports it
    const told = await complaints("kuma/resource/resource.ts", "../federation/plan");
    assert.ok(
      told.some((each) => each.startsWith("import-x/no-cycle")),
      told.join("\n"),
    );
  });
});
