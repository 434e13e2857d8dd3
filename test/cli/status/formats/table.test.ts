import * as assert from "node:assert/strict";
import { formatStatus } from "../../../../cli/status/formats/table";
import { broken, healthy } from "../sampleReports";

describe("cli/status/formats/table", () => {
  it("tells what is wrong first, the worst of it at the top", () => {
    const lines = formatStatus(broken()).split("\n\n");
    assert.deepEqual(lines.slice(0, 4), [
      "Unhealthy: 3 problems, 2 warnings, 3 of 4 zones online, 1 disabled.",
      "Problem: Zone dublin is offline.",
      "Problem: Zone paris refuses what the global sends of MeshTimeout.",
      "Problem: Zone dublin could not be compared with the global. The control plane of zone dublin (https://dublin.example.com:5682) did not answer within 10 s.",
    ]);
    assert.equal(
      lines[4],
      [
        "Warning: A zone has services that no other zone can call, as it has no zone ingress that can be reached. [zone-ingress]",
        "    zone paris: ingress-paris is not connected with its control plane",
        "    Start its zone ingress, or see why it is not connected: kumactl inspect zone-ingresses. (docs/multi-zone.md#zone-ingress)",
      ].join("\n"),
    );
  });

  it("shows each zone, what it refused, and why calls cannot go", () => {
    const parts = formatStatus(broken()).split("\n\n");
    const rowOf = (head: string, name: string) =>
      parts
        .find((part) => part.startsWith(head))
        ?.split("\n")
        .find((line) => line.startsWith(name))
        ?.replace(/ +/g, " ");
    assert.equal(
      rowOf("ZONE       STATE", "dublin"),
      "dublin OFFLINE 48 min 2.13.1 (older) ok 2 min ago not checked not checked 1 of 1 none unknown",
    );
    assert.equal(
      rowOf("ZONE       STATE", "paris"),
      "paris online 3 d 2.14.3 2 refused 2 min ago NOT EQUAL equal 0 of 1 none 3 of 5",
    );
    assert.match(
      rowOf("ZONE       STATE", "lisbon") ?? "",
      /^lisbon online, disabled 3 d .* none none none$/,
    );
    assert.equal(rowOf("ZONE   REFUSES", "paris"), "paris MeshTimeout 2 10");
    assert.ok(parts.includes("Calls between zones: 1 of 6 ways are open."));
    assert.equal(
      rowOf("FROM", "frankfurt  paris"),
      "frankfurt paris default closed no zone ingress of paris is connected",
    );
    const ends = parts.find((part) => part.startsWith("ENDS NEXT")) ?? "";
    assert.match(ends, /KDS server .* 2026-11-20 00:00:00 UTC +ended 7 d ago/);
    assert.match(ends, /zone paris .* 5 d$/);
  });

  it("ends with the good news, and with what ends next that nobody renews", () => {
    const text = formatStatus(healthy());
    assert.ok(text.startsWith("Healthy: 3 of 3 zones online.\n\n"));
    assert.ok(text.endsWith("\n\nHealthy."));
    assert.ok(text.includes("Calls between zones: 6 of 6 ways are open."));
    const [, next] = (text.split("\n\n").find((part) => part.startsWith("ENDS NEXT")) ?? "").split("\n");
    assert.match(next, /^certificate of the KDS server/);
  });

  it("tells how many resources the global has changed since", () => {
    const resources = [{ type: "Timeout", mesh: "default", expected: 12, present: 12, different: 3 }];
    assert.match(
      formatStatus(healthy({ resources })),
      /\n\nHealthy\. The global owns what was carried, and has changed 3 resources of it since\.$/,
    );
  });

  it("does not call healthy what was not compared", () => {
    const text = formatStatus(healthy({ zones: [], links: [], resources: [] }));
    assert.ok(text.endsWith("\n\nNo zone is federated, and by the stack file none is to be."));
  });

  it("shows a global that did not answer", () => {
    const text = formatStatus({
      ...healthy({ zones: [], links: [], meshes: [], services: [], ends: [], resources: [] }),
      ...{ ok: false, outcome: "unhealthy", problems: ["Gone."] },
      global: { address: "http://g:5681", version: null, product: null },
    });
    assert.equal(text, "Unhealthy: 1 problem.\n\nProblem: Gone.\n\nGlobal: unknown at http://g:5681");
  });

  it("shows zones that run alone, comparisons with before, and markers", () => {
    const text = formatStatus(
      healthy({
        alone: [
          { name: "zone-3", version: "2.14.3" },
          { name: "zone-4", version: null },
        ],
        ledger: [
          {
            ...{
              zone: "zone-1",
              occasion: "joined",
              recorded: 23,
              comparedBy: "2026-11-26T11:04:00.05746262Z",
            },
            ...{ explained: { "owned-by-global": 2 }, unexplained: [] },
          },
        ],
        markers: [{ zone: "zone-1", crossed: true, told: "It crossed." }],
      }),
    );
    for (const part of [
      "Zone zone-3 runs alone: 2.14.3\nZone zone-4 runs alone, and does not answer",
      "Ledger of zone-1, joined its global: 23 resources compared by 2026-11-26 11:04:00 UTC: each difference explained (owned-by-global 2)",
      "Marker: It crossed.",
    ])
      assert.ok(text.includes(`\n\n${part}\n\n`), part);
  });

  it("shows so many services, and says how many more there are", () => {
    const services = Array.from({ length: 45 }, (_, at) => ({
      mesh: "default",
      service: `s-${at}`,
      zones: [],
    }));
    assert.ok(formatStatus(healthy({ services })).includes("\nand 5 more (--output json has all)"));
  });
});
