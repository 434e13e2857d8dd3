import * as assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { reachStatus } from "../../../../cli/status/zone/reachStatus";

describe("cli/status/zone/reachStatus", () => {
  const ingresses = ["zone-1", "zone-2", "zone-3"].map((zone, at) => ({
    ...{ name: `in-${zone}`, zone, address: `198.51.100.7:${10_001 + at}` },
  }));
  /** A host from which these ports are reached. */
  const hostThatReaches = (...ports: number[]) => {
    const dialled: number[] = [];
    const vantage = {
      title: "host zone-1",
      look: async () => ({}),
      async connect(_: string, port: number): Promise<Duplex> {
        dialled.push(port);
        if (!ports.includes(port)) throw Object.assign(new Error(), { code: "ECONNREFUSED" });
        return new Duplex({ read() {}, write() {} });
      },
    };
    return { vantage, dialled };
  };

  it("names the ingresses of other zones that the zone's host does not reach", async () => {
    const { vantage, dialled } = hostThatReaches(10_002);
    const [warning, ...others] = await reachStatus({ vantage }, "zone-1", ingresses);
    assert.match(
      warning,
      /^host zone-1 does not reach zone ingresses of other zones, .*fail\. in-zone-3 of zone zone-3, at 198\.51\.100\.7:10003: connection refused\. Check /,
    );
    assert.deepEqual([others, dialled], [[], [10_002, 10_003]]);
  });

  it("tells nothing where all of them are reached, or the zone has no host", async () => {
    const { vantage } = hostThatReaches(10_002, 10_003);
    assert.deepEqual(await reachStatus({ vantage }, "zone-1", ingresses), []);
    assert.deepEqual(await reachStatus({ vantage: undefined }, "zone-1", ingresses), []);
  });
});
