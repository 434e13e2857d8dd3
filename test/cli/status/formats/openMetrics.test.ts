import * as assert from "node:assert/strict";
import { openMetrics } from "../../../../cli/status/formats/openMetrics";
import { readOpenMetrics } from "../../../support/openMetrics";
import { broken, healthy, tenZones, zone } from "../sampleReports";

const read = (report = healthy()) => readOpenMetrics(`${openMetrics(report)}\n`);
const valueOf = (samples: ReturnType<typeof read>, name: string, labels: Record<string, string> = {}) =>
  samples.find(
    (each) =>
      each.name === `kuma_federation_${name}` &&
      Object.entries(labels).every(([label, value]) => each.labels[label] === value),
  )?.value;

describe("cli/status/formats/openMetrics", () => {
  it("is what a reader of the format takes, for each kind of report", () => {
    for (const report of [
      healthy(),
      broken(),
      tenZones(),
      { ...healthy(), zones: [], links: [], global: null },
    ])
      assert.ok(read(report).length > 3);
  });

  it("says of a zone what the report says, and nothing of what is not known", () => {
    const samples = read(broken());
    assert.equal(valueOf(samples, "outcome", { outcome: "unhealthy" }), 1);
    assert.equal(valueOf(samples, "outcome", { outcome: "healthy" }), 0);
    assert.equal(valueOf(samples, "zone_online", { zone: "dublin" }), 0);
    assert.equal(valueOf(samples, "zone_enabled", { zone: "lisbon" }), 0);
    assert.equal(valueOf(samples, "zone_equal", { zone: "paris", direction: "global_to_zone" }), 0);
    assert.equal(valueOf(samples, "zone_equal", { zone: "dublin" }), undefined);
    assert.equal(valueOf(samples, "zone_dataplanes_connected", { zone: "paris" }), 3);
    assert.equal(valueOf(samples, "zone_dataplanes_connected", { zone: "dublin" }), undefined);
    assert.equal(valueOf(samples, "zone_responses_refused", { zone: "paris", type: "MeshTimeout" }), 2);
    assert.equal(valueOf(samples, "link_open", { from: "frankfurt", to: "paris" }), 0);
    assert.equal(valueOf(samples, "check_ok", { code: "zone-ingress" }), 0);
    const since = valueOf(samples, "zone_since_timestamp_seconds", { zone: "dublin" });
    assert.equal(since, Date.parse("2026-11-27T11:12:00Z") / 1000);
  });

  it("escapes what would end a label", () => {
    const name = 'a"b\\c\nd{},e="f"';
    const samples = read(healthy({ stack: name, zones: [zone(name)] }));
    assert.equal(valueOf(samples, "zone_online", { zone: name, stack: name }), 1);
  });
});
