import * as assert from "node:assert/strict";
import { Resource } from "../../../kuma";
import { compareRecords, isExplained, unexplainedIn } from "../../../kuma/ledger";
import { differences } from "../../../kuma/ledger/changes";
import { resourcesOf } from "../../../kuma/ledger/compare";
import { countsOf } from "../../../kuma/ledger/tell";
import type { Rule } from "../../../kuma/ledger/rule";
import { HASH, copied, policy, record, secret, timeout } from "./records";

/** A rule that explains what is asked for, and nothing of Kuma. */
const rule = (code: string, effect: Rule["effect"], explains: Rule["explains"]): Rule => ({
  ...{ code, effect, explains, reason: "", source: "", occasions: ["joined"] },
});
const ledgerOf = (rules: readonly Rule[], before: Resource[], after: Resource[] = []) =>
  compareRecords("joined", record(before), record(after), { rules });

describe("kuma/ledger: how differences are told", () => {
  it("counts resources by effect, each once, and names them in order", () => {
    const rules = [
      rule("one", "gone", ({ kind }) => kind === "gone"),
      rule("two", "changed", ({ kind }) => kind === "changed"),
      rule("three", "gone", ({ kind }) => kind === "new"),
    ];
    const before = [timeout({ name: "z" }), timeout({ name: "a" }), policy({ spec: { a: 1, b: 1 } })];
    const after = [policy({ spec: { a: 2, b: 2 } }), timeout({ name: "n" })];
    const { explained } = ledgerOf(rules, before, after);
    assert.equal(countsOf(explained), "3 gone, 1 changed");
    assert.deepEqual(explained.map(resourcesOf), [
      ["Timeout m/a", "Timeout m/z"],
      ["MeshTimeout m/t"],
      ["Timeout m/n"],
    ]);
    assert.equal(countsOf([]), "no difference");
    assert.deepEqual(ledgerOf(rules, []).explained, []);
  });

  it("tells two rules that explain the same, which is no explanation", () => {
    const all = ["one", "two"].map((code) => rule(code, "gone", () => true));
    const ledger = ledgerOf(all, [timeout()]);
    assert.equal(isExplained(ledger), false);
    assert.deepEqual(unexplainedIn(ledger), ["Timeout m/slow is gone (2 rules explain it: one, two)"]);
    const both = compareRecords("joined", record([timeout(), policy()]), record([]), {
      rules: all.map((each) => ({ ...each, explains: ({ key }) => key === "Timeout m/slow" })),
    });
    assert.deepEqual([both.unexplained.length, both.ambiguous.length], [1, 1]);
    assert.equal(isExplained(both), false);
  });

  const problem = (before: Resource, after: Resource) => unexplainedIn(ledgerOf([], [before], [after]));
  it("shows values, and of a secret, its labels apart, nothing but a digest", () => {
    const [was, is] = [policy({ spec: { a: { b: "x" } } }), policy({ spec: { a: { b: "y" } } })];
    assert.deepEqual(problem(was, is), ['MeshTimeout m/t: spec.a.b was "x" and is "y"']);
    assert.match(problem(policy({ spec: {} }), is)[0], /: spec.a was none and is digest [0-9a-f]{12}$/);
    for (const type of ["Secret", "GlobalSecret"]) {
      const told = problem(secret({ type, note: "canary-1" }), secret({ type, note: "canary-2" }));
      assert.match(told[0], /: note was digest [0-9a-f]{12} and is digest [0-9a-f]{12}$/);
      const [, one, other] = /digest (\w+) and is digest (\w+)/.exec(told[0]) as RegExpExecArray;
      assert.notEqual(one, other);
      assert.match(
        problem(secret({ type }), secret({ type, note: "canary-2" }))[0],
        /note was none and is digest/,
      );
      assert.match(problem(secret({ type, note: "canary-2" }), secret({ type }))[0], /is none$/);
      const labelled = problem(
        secret({ type, labels: { team: "a" } }),
        secret({ type, labels: { team: "b" } }),
      );
      assert.match(labelled[0], /: label team was "a" and is "b"$/);
    }
    const inMesh = (value: string) => timeout({ mesh: "Secret x", note: value });
    assert.deepEqual(problem(inMesh("a"), inMesh("b")), ['Timeout Secret x/slow: note was "a" and is "b"']);
    const deep = (value: string) => timeout({ labels: { a: { b: value } as unknown as string } });
    assert.deepEqual(problem(deep("x"), deep("y")), ['Timeout m/slow: labels.a.b was "x" and is "y"']);
  });

  it("takes for the twin of what is gone the one that is most like it, and each for one alone", () => {
    const named = (name: string, fields: object = {}): Resource => ({ ...copied(timeout(fields)), name });
    const [another, same] = [named(`slow-${HASH}`, { conf: {} }), named("slow-z")];
    const kinds = (before: Resource[], after: Resource[]) =>
      differences(record(before), record(after)).map(({ kind, after: is }) => `${kind} ${is?.name ?? ""}`);
    assert.deepEqual(
      kinds([timeout()], [another, same]).filter((each) => !each.startsWith("changed")),
      ["renamed slow-z", `new slow-${HASH}`],
    );
    const inNamespace = timeout({ name: "slow.ns", labels: { "k8s.kuma.io/namespace": "ns" } });
    const both = kinds([timeout(), inNamespace], [same]).filter((each) => !each.startsWith("changed"));
    assert.deepEqual(both, ["renamed slow-z", "gone "], "two that were written under the same name");
  });

  it("tells a field that is no object on one side, or a list in place of an object, as a whole", () => {
    const path = (was: unknown, is: unknown) =>
      differences(record([policy({ spec: was })]), record([policy({ spec: is })])).map((each) =>
        each.kind === "changed" ? each.path.join(".") : each.kind,
      );
    assert.deepEqual(path({ a: null }, { a: { b: 1 } }), ["spec.a"]);
    assert.deepEqual(path({ a: { b: 1 } }, { a: null }), ["spec.a"]);
    assert.deepEqual(path({ a: [1] }, { a: { 0: 2 } }), ["spec.a"]);
    assert.deepEqual(path({ a: [1] }, { a: [1, 2] }), ["spec.a.1"]);
    const [was, is] = ["a", "b"].map((deep) => timeout({ name: "slow", spec: { name: deep } }));
    assert.equal(differences(record([was]), record([{ ...copied(is) }])).length > 1, true);
  });

  it("looks at the meshes that are asked for, each with what is in it", () => {
    const all: Resource[] = [
      ...[{ type: "Mesh", name: "m" }, { type: "Mesh", name: "n" }, timeout(), timeout({ mesh: "n" })],
      ...[{ type: "Zone", name: "m" }, timeout({ mesh: "n", name: "m" })],
    ];
    const { unexplained } = compareRecords("joined", record(all), record([]), { meshes: ["m"], rules: [] });
    assert.deepEqual(unexplained.map(({ key }) => key).sort(), ["Mesh m", "Timeout m/slow"]);
  });
});
