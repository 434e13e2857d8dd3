import assert from "node:assert/strict";
import { UnknownValueError } from "@pulumi/policy";
import { isForEngine } from "../../../policies/pack/policy";
import { type ResourceRule, type StackRule, headingOf } from "../../../policies/pack/rule";
import { RULES as ALL } from "../../../policies/pack/rules";
import { FEDERATION } from "./federation.cases";
import { MESH_CASES } from "./mesh.cases";
import { NETWORK } from "./network.cases";
import { RELEASE } from "./release.cases";
import { type Case, VALUE, report } from "./support";

const RULES = ALL.filter(isForEngine);
const CASES: Record<string, Case> = { ...NETWORK, ...FEDERATION, ...RELEASE, ...MESH_CASES };

describe("the rules of the policy pack", () => {
  it("have each a name of its own, and cases of their own", () => {
    const all = ALL.map(({ name }) => name);
    assert.equal(new Set(all).size, all.length);
    const names = RULES.map(({ name }) => name);
    for (const name of names) assert.match(name, /^[a-z0-9]+(-[a-z0-9]+)+$/);
    assert.deepEqual(Object.keys(CASES).sort(), [...names].sort());
    for (const [name, { breaks, keeps, unknown }] of Object.entries(CASES))
      for (const list of [breaks, keeps, unknown]) assert.ok(list.length > 0, name);
  });

  for (const rule of RULES) describe(rule.name, () => ofRule(rule, CASES[rule.name]));
});

function ofRule(rule: ResourceRule | StackRule, { breaks, keeps, unknown, settings = [] }: Case): void {
  breaks.forEach((resources, index) =>
    it(`is broken (${index + 1}), with what to do and where it is told, and without a value`, () => {
      const reported = report(rule, resources);
      assert.equal(reported.length, 1, reported.join("\n"));
      const [message] = reported;
      assert.ok(message.endsWith(` ${rule.remedy} (${headingOf(rule)})`), message);
      assert.ok(!message.includes(VALUE), message);
    }),
  );
  keeps.forEach((resources, index) =>
    it(`is kept (${index + 1})`, () => assert.deepEqual(report(rule, resources), [])),
  );
  unknown.forEach((resources, index) =>
    it(`is not decided by what a preview does not know (${index + 1})`, () =>
      assert.throws(() => report(rule, resources), UnknownValueError)),
  );
  settings.forEach(({ config, breaks: broken, keeps: kept }, index) =>
    it(`takes its settings (${index + 1})`, () => {
      if (broken) assert.equal(report(rule, broken, config).length, 1);
      if (kept) assert.deepEqual(report(rule, kept, config), []);
    }),
  );
}
