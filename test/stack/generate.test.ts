import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import Ajv from "ajv";
import * as yaml from "js-yaml";
import { WITHOUT_DATES } from "../../kuma";
import { JSON_SCHEMA, generatedFiles } from "../../stack/generate/files";
import { wrapped } from "../../stack/generate/lists";

const ROOT = path.resolve(__dirname, "../..");

describe("stack/generate", () => {
  for (const [file, text] of generatedFiles(ROOT)) {
    it(`agrees with the schema: ${file} (npm run generate writes it)`, () => {
      assert.equal(fs.readFileSync(path.join(ROOT, file), "utf8"), text);
    });
  }

  it("keeps code and links in one line", () => {
    const long = "x".repeat(100);
    assert.equal(
      wrapped(`- ${long} \`a b c d e f g h i j k\` [a b](c d).`, "", "  "),
      `- ${long}\n  \`a b c d e f g h i j k\` [a b](c d).`,
    );
  });

  describe("the JSON schema", () => {
    const isValid = new Ajv().compile(
      JSON.parse(fs.readFileSync(path.join(ROOT, JSON_SCHEMA), "utf8")) as object,
    );
    const faultsIn = (stack: unknown) =>
      isValid(stack) ? [] : (isValid.errors ?? []).map(({ dataPath, keyword }) => `${dataPath} ${keyword}`);

    const stacks = fs.readdirSync(ROOT).filter((name) => /^Pulumi\..+\.yaml$/.test(name));
    for (const name of stacks) {
      it(`is named by ${name}, and takes it`, () => {
        const text = fs.readFileSync(path.join(ROOT, name), "utf8");
        assert.equal(text.split("\n")[0], `# yaml-language-server: $schema=${JSON_SCHEMA}`);
        assert.deepEqual(faultsIn(yaml.load(text, { schema: WITHOUT_DATES })), []);
      });
    }

    const zone = { name: "zone-1", platform: "universal", portBase: 6600 };
    const right = { global: { platform: "universal", portBase: 5600 }, zones: [zone] };
    const inStack = (config: object) => ({ config: { ...right, ...config } });

    for (const [what, config] of Object.entries({
      "settings without the project's name": {},
      "a secret": { globalToken: { secure: "v1:a:b" } },
      "rules for conflicts": {
        onConflict: [{ resources: "Mesh default", choice: "overwrite", endsMtls: true }],
      },
      "settings of others": { "pulumi:tags": { a: "b" }, "kubernetes:context": "c" },
      "a cluster": {
        global: {
          platform: "kubernetes",
          context: "c",
          values: { any: [1, { thing: { secure: "v1:a:b" } }] },
          kds: { sourceRanges: ["10.0.0.0/8"], annotations: { a: "b" } },
        },
        zones: [
          { name: "default", platform: "kubernetes", context: "z", demo: true },
          {
            ...zone,
            name: "zone-2",
            store: "postgres",
            postgres: { user: "u", database: "a", federatedDatabase: "b" },
          },
        ],
      },
    }))
      it(`takes ${what}`, () => assert.deepEqual(faultsIn(inStack(config)), []));

    for (const [what, config] of Object.entries({
      "a setting that is misspelt": { "kuma-federation:polices": "p" },
      "one without the project's name": { polices: "p" },
      "a platform that is none": { global: { platform: "openshift" } },
      "a port out of range": { zones: [{ ...zone, portBase: 80 }] },
      "a setting that a zone does not have": { zones: [{ ...zone, context: "c" }] },
      "a name that is none": { zones: [{ ...zone, name: "Zone" }] },
      "no zone": { zones: [] },
      "no global": { global: undefined },
      "a token in clear text": { globalToken: "token" },
      "a product in its old spelling": { zones: [{ ...zone, product: "Kong Mesh" }] },
    }))
      it(`refuses ${what}`, () =>
        assert.notDeepEqual(faultsIn(JSON.parse(JSON.stringify(inStack(config)))), []));
  });
});
