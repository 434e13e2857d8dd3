import * as assert from "node:assert/strict";
import { markdownStatus } from "../../../../cli/status/formats/markdown";
import { HOSTILE, broken, healthy, linksBetween, zone } from "../sampleReports";

describe("cli/status/formats/markdown", () => {
  it("tells what is wrong first, then zones and calls between them", () => {
    const text = markdownStatus(broken());
    assert.ok(
      text.startsWith(
        "## Unhealthy: stack `prod-eu`\n\n3 problems, 2 warnings, 3 of 4 zones online, 1 disabled; 2026-11-27",
      ),
    );
    assert.ok(text.indexOf("- **Problem**") < text.indexOf("- **Warning** `zone-ingress`"));
    assert.ok(text.indexOf("- **Warning**") < text.indexOf("### Zones"));
    assert.ok(
      text.includes(
        "| `dublin` | OFFLINE | 48 min | `2.13.1` | ok | not checked | not checked | 1 of 1 | none | unknown |",
      ),
    );
    assert.ok(text.includes("| `frankfurt` |  | stale | closed | - |"));
  });

  it("lets nothing that others have written mean anything", () => {
    const name = `${HOSTILE} | cell | @team #1 https://example.com [a](b) \`\`\``;
    const text = markdownStatus(
      broken({
        ...{ stack: name, problems: [name], warnings: [name] },
        checks: [
          { code: name, title: name, verdict: "warning", sentence: name, evidence: [name], remedy: name },
        ],
        zones: [zone(name), zone("b")],
        links: linksBetween([name, "b"]),
        meshes: [{ ...healthy().meshes[0], name, zones: [name] }],
        services: [{ mesh: name, service: name, zones: [{ zone: name, registered: 1, connected: 1 }] }],
        ends: [{ what: name, zone: name, ends: "2027-01-01T00:00:00Z", renewed: false }],
      }),
    );
    // outside of code nothing is left of it
    const outside = text.replace(/`[^`\n]*`/g, "");
    assert.ok(!/[<>@#]script|<|@team|https:|\u202e/.test(outside.replace(/^#+ /gm, "")), outside);
    const [header, ...rows] = text.split("\n").filter((line) => line.startsWith("| "));
    assert.ok(rows.length > 5 && header.split("|").length > 5);
  });
});
