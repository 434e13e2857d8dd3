import * as assert from "node:assert/strict";
import {
  Check,
  CheckResult,
  Facts,
  Finding,
  KumaError,
  assertNoBlocker,
  describeFinding,
  findingsOf,
  preflight,
} from "../../../kuma";
import { NotYet } from "../../../kuma/preflight/notYet";
import { kumaErrorOf } from "../../support/errors";

const OK: Finding = { verdict: "ok", sentence: "Fine." };
const result = (change: Partial<CheckResult>): CheckResult => ({
  ...{ code: "a", title: "A", verdict: "blocker", sentence: "Not so.", evidence: [] },
  ...change,
});

describe("kuma/preflight: what becomes of the findings", () => {
  const factsWith = (known: object) =>
    ({ zoneName: "zone-1", joined: () => Promise.resolve(false), isHosted: false, ...known }) as Facts;
  const looked = async (run: Check["run"], facts = factsWith({}), more: Partial<Check> = {}) =>
    (await preflight(facts, [{ code: "a", title: "A", run, ...more }])).checks;

  it("are told with what a check is called, its page, and evidence of one line each", async () => {
    const found: Finding = { ...OK, evidence: ["two\nlines", "one"] };
    const all = { code: "a", title: "A", ...OK, evidence: ["two\\u000alines", "one"] };
    const run = () => Promise.resolve(found);
    assert.deepEqual(await looked(run), [all]);
    assert.deepEqual(await looked(run, factsWith({}), { doc: "docs/x.md" }), [{ ...all, doc: "docs/x.md" }]);
    assert.deepEqual((await looked(() => Promise.resolve(OK)))[0].evidence, []);
    assert.equal((await preflight(factsWith({}), [])).zone, "zone-1");
  });

  it("are looked for where the check is one for these sides", async () => {
    const kinds: [string, Partial<Check>][] = [
      ["plain", {}],
      ["always", { always: true }],
      ["hosted", { hostedOnly: true }],
      ["host", { hostOnly: true }],
    ];
    const checks = kinds.map(([code, more]) => ({
      code,
      title: "",
      run: () => Promise.resolve(OK),
      ...more,
    }));
    const asked = async (known: object) =>
      (await preflight(factsWith(known), checks)).checks.map(({ code }) => code);
    const joined = () => Promise.resolve(true);
    assert.deepEqual(await asked({}), ["plain", "always"]);
    assert.deepEqual(await asked({ joined }), ["always"]);
    assert.deepEqual(await asked({ joined: () => Promise.reject(new Error()) }), ["plain", "always"]);
    assert.deepEqual(await asked({ isHosted: true }), ["plain", "always", "hosted"]);
    assert.deepEqual(await asked({ vantage: {} }), ["plain", "always", "host"]);
  });

  it("are what hindered a look, where that will not help or may help when it is tried again", async () => {
    const failing = async (error: Error) => (await looked(() => Promise.reject(error)))[0];
    const more = { code: "a", title: "A", evidence: [], remedy: "Fix this and run it again." };
    for (const code of ["notKuma", "unauthenticated", "forbidden"] as const)
      assert.deepEqual(await failing(new KumaError(code, "No.")), {
        ...{ ...more, verdict: "blocker", sentence: "No." },
        error: code,
      });
    for (const code of ["unreachable", "refused"] as const)
      assert.deepEqual(await failing(new KumaError(code, "No.")), {
        ...{ ...more, verdict: "inconclusive", sentence: "It could not be checked. No." },
      });
    const pending = { verdict: "pending", sentence: "The stack is still to make the global control plane." };
    assert.deepEqual(await failing(new NotYet()), { code: "a", title: "A", evidence: [], ...pending });
    await assert.rejects(failing(new TypeError("a fault")), /a fault/);
  });

  it("are found by their verdicts", () => {
    const checks = (["ok", "warning", "blocker"] as const).map((verdict) => result({ verdict }));
    const report = { zone: "zone-1", checks };
    assert.deepEqual(findingsOf(report, "ok", "blocker"), [checks[0], checks[2]]);
    assert.deepEqual(findingsOf(report, "pending"), []);
  });

  it("are described with at most 50 lines of evidence, what to do, and where to read on", () => {
    const evidence = Array.from({ length: 51 }, (_, index) => `line ${index}`);
    const lines = describeFinding(result({ evidence, remedy: "Do it." })).split("\n");
    assert.deepEqual([lines.length, lines[0], lines[1]], [53, "Not so. [a]", "    line 0"]);
    assert.deepEqual(lines.slice(-2), ["    and 1 more", "    Do it."]);
    assert.equal(describeFinding(result({ doc: "docs/x.md" })), "Not so. [a]");
    assert.equal(
      describeFinding(result({ remedy: "Do it.", doc: "docs/x.md" })),
      "Not so. [a]\n    Do it. (docs/x.md)",
    );
  });

  describe("that keep a zone from joining", () => {
    const failed = async (...checks: CheckResult[]) => {
      const { code, message } = await kumaErrorOf(() => assertNoBlocker({ zone: "zone-1", checks }));
      return [code, message];
    };
    const NOTHING = "Zone zone-1 was not federated, and nothing was written. ";

    it("are none where all others are warnings", () => {
      assert.equal(assertNoBlocker({ zone: "zone-1", checks: [result({ verdict: "warning" })] }), undefined);
    });

    it("fail with the code of the first one, and all of them once", async () => {
      const [one, other] = [result({}), result({ code: "b", sentence: "Nor so.", error: "gate" })];
      const warning = result({ verdict: "warning", sentence: "Beware." });
      assert.deepEqual(await failed(warning, one), ["invalid", `${NOTHING}Not so. [a]`]);
      assert.deepEqual(await failed(other), ["gate", `${NOTHING}Nor so. [b]`]);
      assert.deepEqual(await failed(other, one, result({ code: "c" })), [
        "gate",
        `${NOTHING}2 blockers:\nNor so. [b]\nNot so. [a]`,
      ]);
    });
  });
});
