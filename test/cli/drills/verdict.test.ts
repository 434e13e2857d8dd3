import assert from "node:assert/strict";
import { DRILLS, PROMISES } from "../../../cli/drills/promises";
import { type DrillReport, exitStatusOf, formatDrills, formatPromises } from "../../../cli/drills/report";
import { rowsOf } from "../../../cli/drills/verdict";

const verdicts = (...args: Parameters<typeof rowsOf>) =>
  Object.fromEntries(rowsOf(...args).map(({ measure, verdict }) => [measure, verdict]));

describe("cli/drills: promises and verdicts", () => {
  it("keep what came out as it was expected, and nothing else", () => {
    assert.deepEqual(
      verdicts("zones-apart", {
        callsInZone: { happened: true, told: "0 of 75 failed" },
        proxyJoins: { happened: false, told: "no" },
        // some failed, some did not
        callsAcross: { told: "3 of 75 failed" },
        policyArrives: { skipped: "nothing to measure with" },
      }),
      {
        "calls in the zone": "kept",
        "a new proxy joins in the zone": "not kept",
        "a policy of the global's arrives in the zone": "not measured",
        "calls across zones": "not kept",
      },
    );
    const apart = rowsOf("zones-apart", { callsAcross: { happened: false, told: "75 of 75 failed" } });
    assert.deepEqual(apart.at(-1), {
      promise: "Communication across each zone will fail",
      source: 'Kuma\'s guide, "Communication between 2 zones failing"',
      measure: "calls across zones",
      measured: "75 of 75 failed",
      verdict: "kept",
    });
  });

  it("only tell of what may be either, and of what nothing is measured of", () => {
    const disabled = verdicts("disable-zone", { callsAcross: { happened: false, told: "all failed" } });
    assert.equal(disabled["calls across zones"], "told");
    const rows = rowsOf("global-down", {});
    assert.equal(rows.find(({ measure }) => measure === null)?.verdict, "stated");
    assert.ok(
      rows.filter(({ measure }) => measure !== null).every(({ verdict }) => verdict === "not measured"),
    );
  });

  it("name a source other than the guide where they have one", () => {
    const [, , exchange] = rowsOf("disable-zone", {});
    assert.equal(exchange.source, "Kuma v2.14.3, pkg/kds/context/context.go");
  });

  it("are told before, each in the words of its source", () => {
    for (const drill of DRILLS) {
      const text = formatPromises(drill);
      assert.ok(text.includes(`"${PROMISES[drill].heading}"`));
      for (const { says } of PROMISES[drill].promises) assert.ok(text.includes(says), says);
    }
  });

  const report = (...all: ("kept" | "not kept" | "not measured" | "told" | "stated")[]): DrillReport => ({
    ...{ drill: "zone-down", zone: "zone-1", does: "it is stopped" },
    rows: all.map((verdict) => ({
      ...{ promise: "p", source: "s", measure: "m", measured: "yes", verdict },
    })),
  });
  const notRun: DrillReport = { drill: "link-down", zone: "zone-1", notRun: "There is no link.", rows: [] };

  for (const [reports, status] of [
    [[report("kept", "told", "stated")], 0],
    [[report("kept", "not measured")], 3],
    [[report("kept"), notRun], 3],
    [[report("not measured"), notRun, report("kept", "not kept")], 1],
  ] as const)
    it(`end with status ${status} for ${JSON.stringify(reports.map(({ rows }) => rows.map(({ verdict }) => verdict)))}`, () =>
      assert.equal(exitStatusOf(reports), status));

  it("are a table for each drill, and a sentence for one that was not run", () => {
    assert.equal(
      formatDrills([report("kept"), notRun]),
      [
        "zone-down, zone zone-1: it is stopped",
        "PROMISE  MEASURE  MEASURED  VERDICT",
        "p        m        yes       kept",
        "",
        "link-down, zone zone-1: not run. There is no link.",
      ].join("\n"),
    );
  });
});
