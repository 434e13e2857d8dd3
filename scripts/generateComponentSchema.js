#!/usr/bin/env node
/**
 * Writes `components/schema.json`: what Pulumi's programs in other languages know of the components. `npm run generate`
 * calls it.
 *
 *   node scripts/generateComponentSchema.js
 */
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const root = path.resolve(__dirname, "..");
const ENTRY = "components/index.ts";
const COMPONENTS = [
  "ExistingZone",
  "FederationBridge",
  "GlobalControlPlane",
  "MeshPolicies",
  "RolloutWave",
  "ZoneControlPlane",
];

/** As Pulumi's own host of components would make it from the sources, with the defaults that the arguments have. */
function componentSchema() {
  const { Analyzer } = require("@pulumi/pulumi/provider/experimental/analyzer");
  const { generateSchema } = require("@pulumi/pulumi/provider/experimental/schema");
  const { name, version, description } = require("../package.json");
  const analyzer = new Analyzer(root, name, { name, version, main: ENTRY }, new Set(COMPONENTS));
  const { components, typeDefinitions, dependencies } = analyzer.analyze();
  const schema = generateSchema(name, version, description, components, typeDefinitions, dependencies);
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

module.exports = { componentSchema };

if (require.main === module) {
  fs.writeFileSync(path.join(root, "components", "schema.json"), componentSchema());
}
