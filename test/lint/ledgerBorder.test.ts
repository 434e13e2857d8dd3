import * as assert from "node:assert/strict";
import * as path from "node:path";
import { ESLint, type Linter } from "eslint";

const ROOT = path.resolve(__dirname, "../..");

/** What lint says of a file of the ledger that begins with this import. */
async function complaints(file: string, line: string): Promise<string[]> {
  const eslint = new ESLint({ cwd: ROOT, overrideConfig: WITHOUT_TYPES });
  const [result] = await eslint.lintText(`${line}\n`, { filePath: path.join(ROOT, file) });
  return result.messages.flatMap(({ ruleId }) => (ruleId?.endsWith("no-restricted-imports") ? [ruleId] : []));
}

/** To ask for types, or for circles, would take the whole project. */
const WITHOUT_TYPES: Linter.Config = {
  languageOptions: { parserOptions: { projectService: false, project: null } },
  rules: {
    "@typescript-eslint/no-floating-promises": "off",
    "@typescript-eslint/no-misused-promises": "off",
    "import-x/no-cycle": "off",
  },
};

describe("kuma/ledger: the border that lint holds", function () {
  for (const module of [
    "federation/export",
    "federation/plan",
    "zone/verify",
    "zone/ownership",
    "api/resourceTypes",
    "federation/snapshot",
    "index",
    "resource/mesh",
  ]) {
    it(`keeps ${module} out`, async () => {
      const line = (up: string) => `import { x } from "${up}${module}"; void x;`;
      assert.equal((await complaints("kuma/ledger/compare.ts", line("../"))).length, 1);
      assert.equal((await complaints("kuma/ledger/rules/names.ts", line("../../"))).length, 1);
    });
  }

  for (const name of ["sanitize", "sameContent", "digest", "isSecret"]) {
    it(`keeps ${name} of kuma/resource/resource out`, async () => {
      const line = `import { ${name} } from "../resource/resource"; void ${name};`;
      assert.equal((await complaints("kuma/ledger/compare.ts", line)).length, 1);
    });
  }

  it("lets it name resources, and read through the client", async () => {
    const lines = [
      `import { Resource, keyOf } from "../resource/resource";`,
      `import type { ControlPlane } from "../api/client";`,
      `import { KumaError } from "../errors";`,
      `import { byKey } from "./record";`,
    ];
    for (const line of lines) assert.deepEqual(await complaints("kuma/ledger/compare.ts", line), [], line);
    assert.equal(
      (await complaints("kuma/ledger/compare.ts", `import { ControlPlane } from "../api/client";`)).length,
      1,
    );
  });
});
