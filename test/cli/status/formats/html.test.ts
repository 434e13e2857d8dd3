import * as assert from "node:assert/strict";
import { htmlStatus } from "../../../../cli/status/formats/html";
import { HOSTILE, broken, healthy, linksBetween, zone } from "../sampleReports";

describe("cli/status/formats/html", () => {
  it("escapes every value, wherever it stands", () => {
    const name = HOSTILE;
    const hostile = htmlStatus(
      broken({
        stack: name,
        global: { address: name, version: name, product: name },
        problems: [name],
        warnings: [name],
        checks: [
          {
            code: name,
            title: name,
            verdict: "blocker",
            sentence: name,
            evidence: [name],
            remedy: name,
            doc: name,
          },
        ],
        alone: [{ name, version: name }],
        zones: [
          zone(name, {
            version: name,
            ingress: [{ name, address: name, connected: true }],
            sync: {
              at: name,
              sent: 1,
              refused: 0,
              types: [{ type: name, sent: 1, acknowledged: 1, refused: 0, kept: 0 }],
            },
          }),
          zone("b"),
        ],
        links: linksBetween([name, "b"], [[name, "b", "closed", name]]).map((link) => ({
          ...link,
          mesh: name,
        })),
        meshes: [{ ...healthy().meshes[0], name, zones: [name] }],
        services: [{ mesh: name, service: name, zones: [{ zone: name, registered: 1, connected: 0 }] }],
        ends: [{ what: name, zone: name, ends: name, renewed: false }],
        resources: [{ type: name, mesh: name, expected: 1, present: 0, different: 0 }],
      }),
    );
    assert.ok(!/<script|<img|\u202e/.test(hostile));
    assert.equal(hostile.split("</style>").length, 2);
    assert.ok(hostile.includes("&lt;script&gt;"));
  });

  it("keeps zones that have left in the history, after those that are there", () => {
    const look = (zones: Record<string, "online" | "disabled">) => ({
      ...{ time: "2026-11-27T12:00:00Z", outcome: "healthy" as const, problems: 0, warnings: 0, zones },
    });
    const history = [look({ a: "online", gone: "disabled" }), look({ a: "online" })];
    const text = htmlStatus(healthy({ zones: [zone("a")], links: [], history }));
    const rows = [...text.matchAll(/aria-label="((?:a|gone): [^"]*)"/g)].map(([, label]) => label);
    assert.deepEqual(rows, ["a: 2 online", "gone: 1 disabled, 1 not listed"]);
  });

  it("does not say of a global that nothing was asked of that there is none", () => {
    const alone = [{ name: "a", version: "2.14.3" }];
    const text = htmlStatus(healthy({ global: null, zones: [], links: [], alone }));
    assert.match(text, /The global was not looked at, as no zone is its member;\s/);
  });

  it("counts the zones that are disabled", () => {
    assert.match(
      htmlStatus(healthy({ zones: [zone("a", { disabled: true }), zone("b")] })),
      /2 of 2 zones online, 1 disabled/,
    );
  });

  it("loads nothing", () => {
    const text = htmlStatus(broken());
    assert.match(text, /content="default-src 'none'; style-src 'unsafe-inline'/);
    assert.ok(!/<(script|link|img|iframe|object)\b|@import|url\((?!#)/.test(text));
  });
});
