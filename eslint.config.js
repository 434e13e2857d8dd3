const tseslint = require("typescript-eslint");

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
            { regex: `^${up}client$`, message, allowTypeImports: true },
            { regex: `^${up}resource$`, message, allowImportNames: ["Resource", "ResourceKey", "keyOf"] },
          ],
        },
      ],
    },
  };
}

module.exports = tseslint.config(
  { ignores: ["node_modules/", "dist/", ".kuma-federation/"] },
  ...tseslint.configs.recommended,
  {
    rules: {
      "@typescript-eslint/no-require-imports": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", ignoreRestSiblings: true }],
      eqeqeq: "error",
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
    // others use the components without a file of this repository's stacks
    files: ["components/**/*.ts", "resources/**/*.ts", "platforms/**/*.ts", "kuma/**/*.ts"],
    rules: { "no-restricted-imports": ["error", { patterns: ["**/stack", "**/stack/*"] }] },
  },
  ledgerBorder(["kuma/ledger/*.ts"], "\\.\\./", ["client", "errors", "lists", "resource", "shown"]),
  ledgerBorder(["kuma/ledger/rules/*.ts"], "\\.\\./\\.\\./", ["resource"]),
);
