import * as assert from "node:assert/strict";
import { RULES, Rule, packRecord, unpackRecord } from "../../../kuma/ledger";
import { record, base64, timeout, ofZone, policy, secret, told, allExplained } from "./records";

describe("kuma/ledger: what a zone was and is", () => {
  it("finds nothing where nothing differs", () => {
    const same = [timeout(), policy(), secret()];
    assert.deepEqual(told("joined", same, structuredClone(same)), allExplained([]));
  });

  it("names what is gone, new, and changed in any field, before and after", () => {
    const { problems } = told(
      "joined",
      [timeout(), policy(), policy({ name: "gone" })],
      [timeout({ conf: { connectTimeout: "5s" } }), policy({ labels: ofZone }), policy({ name: "other" })],
    );
    assert.deepEqual(problems, [
      `Timeout m/slow: conf.connectTimeout was "4s" and is "5s"`,
      `MeshTimeout m/t: label team was "a" and is none`,
      "MeshTimeout m/gone is gone",
      "MeshTimeout m/other is new",
    ]);
  });

  it("never tells what is in a secret, or may be one", () => {
    const url = "https://user:canary-3e9a@traces";
    const { problems } = told(
      "joined",
      [secret(), policy({ spec: { url, inline: "canary-3e9a" } })],
      [secret({ data: base64("canary-other") }), policy({ spec: { url: "", inline: "canary-9f" } })],
    );
    assert.equal(problems.length, 3);
    for (const problem of problems) {
      assert.doesNotMatch(problem, /canary|Y2FuYXJ/);
      assert.match(problem, /was digest [0-9a-f]{12} and is digest [0-9a-f]{12}$/);
    }
  });

  it("takes a difference that two rules explain for a fault of the table", () => {
    const rule: Rule = { ...RULES[0], code: "another", explains: ({ kind }) => kind === "gone" };
    const { problems } = told("joined", [timeout()], [], { rules: [rule, { ...rule, code: "one-more" }] });
    assert.deepEqual(problems, ["Timeout m/slow is gone (2 rules explain it: another, one-more)"]);
  });

  it("lets a rule about people's decisions give way to every other", () => {
    const rule: Rule = { ...RULES[0], code: "firm", explains: () => true };
    const circumstances = { rules: [rule, { ...rule, code: "gives-way", yields: true as const }] };
    assert.deepEqual(told("joined", [timeout()], [], circumstances), allExplained(["firm"]));
  });

  it("is packed into one line and comes out of it as it was", () => {
    const many = Array.from({ length: 2_500 }, (_, index) =>
      policy({ name: `t-${index}`, labels: { ü: "日本" } }),
    );
    const packed = packRecord(record(many));
    assert.match(packed, /^[A-Za-z0-9+/=]+$/);
    assert.deepEqual(unpackRecord(packed), record(many));
    assert.ok(packed.length < 60_000, `${packed.length} characters`);
  });
});
