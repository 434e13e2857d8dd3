const fs = require("node:fs");
const { importX, createNodeResolver } = require("eslint-plugin-import-x");
const tseslint = require("typescript-eslint");

/** The floors of the house, each with those that it may use (CONTRIBUTING.md). */
const FLOORS = {
  kuma: [],
  "stand-in": [],
  toolchain: [],
  platforms: ["kuma", "toolchain"],
  policies: ["kuma", "platforms"],
  resources: ["kuma", "platforms", "policies", "toolchain"],
  components: ["kuma", "platforms", "resources", "toolchain"],
  stack: ["kuma", "platforms", "resources", "components", "toolchain"],
  cli: ["kuma", "platforms", "resources", "components", "policies", "stack", "toolchain"],
};
/** These are of use without the engine. */
const WITHOUT_PULUMI = ["kuma", "stand-in", "platforms"];

/** Keeps a floor from what it may not use: the floors above, and what nobody uses, such as tests. */
function floorBorder(floor) {
  const usable = [floor, ...FLOORS[floor], "node_modules", ".git"];
  const from = fs
    .readdirSync(__dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !usable.includes(entry.name))
    .map(({ name }) => `./${name}`);
  const message = `${floor}/ uses ${FLOORS[floor].join(", ") || "no other folder"} (CONTRIBUTING.md).`;
  return { target: `./${floor}`, from: [...from, "./index.ts"], message };
}

/**
 * The ledger is the witness of what the rest of `kuma/` does: it reads through the client and knows nothing of export, plan
 * and sanitising, so that a wrong picture of Kuma there is not its own picture as well.
 */
function ledgerBorder(files, up, allowed) {
  const message = "The ledger knows nothing of export, plan and sanitising (docs/ledger.md).";
  return {
    files,
    rules: {
      "@typescript-eslint/no-restricted-imports": [
        "error",
        {
          patterns: [
            { regex: `^${up}(?!(${allowed.join("|")})$)`, message },
            { regex: `^${up}api/client$`, message, allowTypeImports: true },
            {
              regex: `^${up}resource/resource$`,
              message,
              allowImportNames: ["Resource", "ResourceKey", "keyOf"],
            },
          ],
        },
      ],
    },
  };
}

module.exports = tseslint.config(
  { ignores: ["node_modules/", "dist/", "docs/site/", "examples/", ".kuma-federation/", ".stryker-tmp/"] },
  ...tseslint.configs.recommended,
  {
    rules: {
      "@typescript-eslint/no-require-imports": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", ignoreRestSiblings: true }],
      eqeqeq: "error",
      // each file has one reason to change
      "max-lines": ["error", 400],
    },
  },
  {
    // rules that need types; the few programs in JavaScript have none
    files: ["**/*.ts"],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: __dirname } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
    },
  },
  {
    // the few programs in JavaScript load TypeScript's loader, and then what they begin
    files: ["**/*.ts"],
    plugins: { "import-x": importX },
    settings: {
      "import-x/resolver-next": [createNodeResolver({ extensions: [".ts", ".js", ".json"] })],
      "import-x/parsers": { "@typescript-eslint/parser": [".ts"] },
    },
    rules: {
      "import-x/no-cycle": ["error", { commonjs: true, ignoreExternal: true }],
      "import-x/no-restricted-paths": ["error", { zones: Object.keys(FLOORS).map(floorBorder) }],
    },
  },
  {
    files: WITHOUT_PULUMI.map((floor) => `${floor}/**`),
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ regex: "^@pulumi/", message: "It is of use without Pulumi." }] },
      ],
    },
  },
  ledgerBorder(["kuma/ledger/*.ts"], "\\.\\./", [
    "api/client",
    "errors",
    "lists",
    "resource/resource",
    "shown",
    "until",
  ]),
  ledgerBorder(["kuma/ledger/rules/*.ts"], "\\.\\./\\.\\./", ["resource/resource"]),
);
