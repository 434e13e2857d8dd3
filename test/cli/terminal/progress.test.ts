import * as assert from "node:assert/strict";
import { EngineEvent } from "@pulumi/pulumi/automation";
import { Progress } from "../../../cli/terminal/progress";

const DYNAMIC = "pulumi-nodejs:dynamic/kuma-federation:FederatedResources";
const urnOf = (name: string, type = DYNAMIC) => `urn:pulumi:dev::kuma-federation::${type}::${name}`;
const event = (fields: object) => ({ sequence: 1, timestamp: 1, ...fields }) as EngineEvent;
const metadata = (op: string, urn: string) => ({
  metadata: { op, urn, new: { inputs: { token: "canary" }, outputs: { key: "canary" } } },
});
const pre = (op: string, name: string, type?: string) =>
  event({ resourcePreEvent: metadata(op, urnOf(name, type)) });
const outputs = (op: string, name: string, type?: string) =>
  event({ resOutputsEvent: metadata(op, urnOf(name, type)) });
const diagnostic = (severity: string, message: string) => event({ diagnosticEvent: { severity, message } });

function shown(events: EngineEvent[], isPreview = false) {
  const lines: string[] = [];
  const progress = new Progress((line) => lines.push(line.replace(/\d+\.\d s/, "N s")), isPreview);
  for (const each of events) progress.onEvent(each);
  return { lines, changes: progress.changes, errors: progress.errors };
}

describe("cli/terminal/progress", () => {
  it("tells each change when it is done, with its time", () => {
    const events = ["create", "update", "delete"].flatMap((op) => [
      pre(op, `r-${op}`),
      outputs(op, `r-${op}`),
    ]);
    assert.deepEqual(shown(events), {
      lines: ["  created  r-create (N s)", "  updated  r-update (N s)", "  deleted  r-delete (N s)"],
      changes: 3,
      errors: [],
    });
  });

  it("tells each change of a preview as a plan", () => {
    const events = ["create", "update", "delete", "replace"].flatMap((op) => [
      pre(op, `r-${op}`),
      outputs(op, `r-${op}`),
    ]);
    assert.deepEqual(shown(events, true), {
      lines: ["  create   r-create", "  update   r-update", "  delete   r-delete", "  replace  r-replace"],
      changes: 4,
      errors: [],
    });
  });

  it("does not count what stays the same, components and the stack", () => {
    const events = [
      outputs("same", "r"),
      outputs("read", "r"),
      outputs("create", "global", "kuma-federation:index:GlobalControlPlane"),
      outputs("create", "kuma-federation-dev", "pulumi:pulumi:Stack"),
    ];
    assert.deepEqual(shown(events), { lines: [], changes: 0, errors: [] });
  });

  it("counts a child of a component", () => {
    const type = `kuma-federation:index:FederationBridge$${DYNAMIC}`;
    assert.equal(shown([outputs("create", "zone-1-resources", type)]).changes, 1);
  });

  it("counts a replacement once", () => {
    const events = ["create-replacement", "replace", "delete-replaced"].flatMap((op) => [
      pre(op, "r"),
      outputs(op, "r"),
    ]);
    assert.equal(shown(events).changes, 1);
  });

  it("tells of a deletion that an earlier run has left, beside what else becomes of the resource", () => {
    const left = (what: "resourcePreEvent" | "resOutputsEvent") => {
      const { metadata: step } = metadata("delete-replaced", urnOf("r"));
      return event({ [what]: { metadata: { ...step, old: { delete: true } } } });
    };
    const events = [
      pre("update", "r"),
      outputs("update", "r"),
      left("resourcePreEvent"),
      left("resOutputsEvent"),
    ];
    const { changes, lines } = shown(events);
    assert.deepEqual([changes, lines], [2, ["  updated  r (N s)", "  deleted  r (N s)"]]);
    assert.deepEqual(shown([left("resourcePreEvent")], true).lines, ["  delete   r"]);
    // the engine marks what it has just replaced as well
    const replaced = [pre("create-replacement", "r"), pre("replace", "r"), left("resourcePreEvent")];
    assert.deepEqual(shown(replaced, true).lines, ["  replace  r"]);
  });

  it("names what failed", () => {
    assert.deepEqual(shown([event({ resOpFailedEvent: metadata("create", urnOf("zone-1")) })]).lines, [
      "  failed   zone-1",
    ]);
  });

  it("passes on messages without colours, and leaves out the noise", () => {
    const events = [
      diagnostic("info#err", "<{%reset%}>zone zone-1: two\nlines<{%reset%}>\n"),
      diagnostic("debug", "noise"),
      diagnostic("info", "  \n"),
      diagnostic("warning", "using pulumi-resource-pulumi-nodejs from $PATH at /somewhere"),
      diagnostic("warning", "using pulumi-language-nodejs from $PATH at /somewhere"),
      diagnostic("warning", "careful"),
    ];
    assert.deepEqual(shown(events).lines, ["  zone zone-1: two", "  lines", "  careful"]);
  });

  it("keeps errors for the end, without the engine's frame", () => {
    const events = [
      diagnostic("error", "<{%reset%}>error: the sentence<{%reset%}>\n"),
      diagnostic(
        "error",
        `error: ${DYNAMIC} resource 'zone-1-resources' has a problem: 2 resource(s) of zone zone-1 differ.\n  a`,
      ),
      diagnostic("error", "1 error occurred:\n\t* the other sentence\n\n"),
      diagnostic("error", "2 errors occurred:\n    * first\n"),
    ];
    assert.deepEqual(shown(events), {
      lines: [],
      changes: 0,
      errors: [
        "the sentence",
        "2 resource(s) of zone zone-1 differ.\n  a",
        "the other sentence",
        "first",
      ].map((text) => ({ text })),
    });
  });

  it("tells the code of a provider's error by the end of its text, and shows it to nobody", () => {
    const framed = [
      "1 error occurred:\n\t* the zone differs [code: unexplained]\n\n",
      `error: ${DYNAMIC} resource 'zone-1' has a problem: it said "[code: unexplained]" [code: refused]`,
      'it said "[code: unexplained]"',
    ];
    const printed = diagnostic("info#err", "KumaError: the zone differs [code: unexplained]: \n");
    assert.deepEqual(shown([...framed.map((text) => diagnostic("error", text)), printed]), {
      lines: ["  KumaError: the zone differs"],
      changes: 0,
      errors: [
        { text: "the zone differs", code: "unexplained" },
        { text: 'it said "[code: unexplained]"', code: "refused" },
        { text: 'it said "[code: unexplained]"' },
      ],
    });
  });

  it("never shows a value of a resource", () => {
    const events = ["create", "update"].flatMap((op) => [pre(op, "r"), outputs(op, "r")]);
    for (const isPreview of [true, false])
      assert.ok(!JSON.stringify(shown(events, isPreview)).includes("canary"));
  });
});
