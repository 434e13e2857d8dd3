import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { openMetrics } from "../../../../cli/status/formats/openMetrics";
import { readOpenMetrics } from "../../../support/openMetrics";
import { HOSTILE, broken, healthy, tenZones } from "../sampleReports";

describe("cli/status/formats/openMetrics, read by another program", () => {
  it("is read by Prometheus' own client, where Python has it", function () {
    const program = [
      "import sys",
      "from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse",
      "print(sum(len(family.samples) for family in parse(sys.stdin.read())))",
    ].join("\n");
    const python = spawnSync("python3", ["-c", "import prometheus_client"]);
    if (python.status !== 0) {
      console.log(
        "      skipped: python3 with prometheus_client is not there (Debian: python3-prometheus-client)",
      );
      return this.skip();
    }
    for (const report of [healthy(), broken(), tenZones(), broken({ stack: HOSTILE })]) {
      const input = `${openMetrics(report)}\n`;
      const { status, stdout, stderr } = spawnSync("python3", ["-c", program], { input, encoding: "utf8" });
      assert.equal(status, 0, stderr);
      assert.equal(Number(stdout), readOpenMetrics(input).length);
    }
  });
});
