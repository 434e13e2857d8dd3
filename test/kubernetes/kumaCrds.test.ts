import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import type { V1CustomResourceDefinition } from "@kubernetes/client-node";
import * as yaml from "js-yaml";
import { KUMA_KINDS, kumaCrd } from "../support/kubernetes/kumaCrds";

describe("kubernetes: the definitions of Kuma's kinds", () => {
  let real: Map<string | undefined, V1CustomResourceDefinition>;

  before(function () {
    const directory = process.env.KUMA_CRDS;
    if (!directory) {
      console.error("    skipped: KUMA_CRDS names no directory with the CRDs of a Kuma chart");
      return this.skip();
    }
    real = new Map(readDefinitions(directory).map((crd) => [crd.metadata?.name, crd]));
  });

  for (const kind of KUMA_KINDS) {
    it(`agrees with the chart's on ${kind.kind}`, () => {
      const own = kumaCrd(kind);
      const charts = real.get(own.metadata?.name);
      assert.ok(charts, `KUMA_CRDS has no ${own.metadata?.name}`);
      assert.deepEqual(outline(own), outline(charts));
    });
  }
});

/** What a client can tell a kind by, and where it may put things. */
function outline({ spec }: V1CustomResourceDefinition) {
  const { kind, plural, singular, listKind } = spec.names;
  return {
    group: spec.group,
    scope: spec.scope,
    names: { kind, plural, singular, listKind },
    versions: spec.versions.map(({ name, served, storage, schema, subresources }) => ({
      name,
      served,
      storage,
      hasStatusOfItsOwn: subresources?.status !== undefined,
      fields: Object.keys(schema?.openAPIV3Schema?.properties ?? {})
        .filter((field) => !["apiVersion", "kind", "metadata"].includes(field))
        .sort(),
    })),
  };
}

function readDefinitions(directory: string): V1CustomResourceDefinition[] {
  const files = fs.readdirSync(directory).filter((name) => /\.ya?ml$/.test(name));
  return files
    .flatMap((name) => yaml.loadAll(fs.readFileSync(path.join(directory, name), "utf8")))
    .filter((document) => document !== null && document !== undefined) as V1CustomResourceDefinition[];
}
