import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { MULTI_ZONE_CHECKS, docOf } from "../../../kuma";
import { Told } from "../preflight/told";
import { CASES } from "./cases";
import { allowAll, generator, local, look, mesh, multi, service, withResources } from "./worlds";

describe("kuma/multizone/checks", () => {
  // anew for each run: StrykerJS runs a suite many times in one process
  let told: Told;
  before(() => (told = new Told(path.join(__dirname, "golden/told.txt"))));
  after(() => told.keep());

  for (const { code } of MULTI_ZONE_CHECKS)
    for (const [what, at, verdict, evidence] of CASES[code] ?? assert.fail(`${code} has no case`))
      it(`${code}: ${verdict} with ${what}`, () => {
        const found = look(code, at);
        assert.equal(found.verdict, verdict, found.sentence);
        if (evidence) assert.deepEqual(found.evidence, evidence);
        assert.equal(found.remedy === undefined, verdict === "ok");
        told.check(`${code}, with ${what}`, found);
      });

  it("take whatever a control plane may hold", () => {
    const odd = [null, 1, "x", [], {}, [null], { matchLabels: 1 }, { to: [1] }];
    for (const { type, mesh: of } of [mesh(), allowAll, local, service("a"), generator("x"), multi({})])
      for (const spec of odd)
        for (const check of MULTI_ZONE_CHECKS)
          assert.doesNotThrow(() =>
            check.look(
              withResources({ type, mesh: of, name: "odd", spec, routing: spec, mtls: spec, status: spec }),
            ),
          );
  });

  it("have a heading each in their page, and no other", () => {
    const page = fs.readFileSync(path.resolve(__dirname, "../../../docs/multi-zone.md"), "utf8");
    const headings = [...page.matchAll(/^## (\S+)$/gm)].map(([, code]) => `docs/multi-zone.md#${code}`);
    assert.deepEqual(headings, MULTI_ZONE_CHECKS.map(docOf));
  });
});
