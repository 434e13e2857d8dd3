import assert from "node:assert/strict";
import * as fc from "fast-check";
import { FORGES, FORGE_NAMES, MARKER } from "../../../cli/comment/forge";
import { renderComment } from "../../../cli/comment/render";
import type { PreviewReport } from "../../../cli/preview/report";
import { partsOf } from "./markdown";
import { joiningZone, reportFullOf, reportOf } from "./reports";

const ATTACKS = [
  "`",
  "``",
  "```",
  "`````````````````````````````",
  "|",
  "\\|",
  "\\",
  "\\`",
  "a\\",
  "\n",
  "\r\n",
  "\t",
  "```\n# pwned\n```",
  "<script>alert(1)</script>",
  "</details>",
  "<!--",
  "-->",
  MARKER,
  "<img src=x onerror=y>",
  "&lt;b&gt;",
  "&#64;",
  "@octocat",
  "@org/team",
  "#1",
  "GH-1",
  "org/repo#2",
  "!3",
  "~label",
  "$x$",
  "a5c3785ed8d6a35868bc169f07e40e889087fd2e",
  "https://evil.example",
  "www.evil.example",
  "a@b.example",
  "[x](javascript:y)",
  "![x](https://evil.example)",
  ":tada:",
  "/close",
  "/approve\n",
  "```\n/approve\n```\n/approve",
  "````\n/approve\n```\n/approve\n````",
  "</details>\n/approve",
  `${"x".repeat(90)} /approve`,
  "- x: y ".repeat(40),
  "+".repeat(300),
  " - x",
  "1. x",
  "2) x",
  "---",
  "- [ ] task",
  "| --- |",
  "\u202eevil",
  "\u200b",
  "\u0000",
  "\ud800",
  "\u001b[2K",
  "\u2028",
  '"]; click z0 "javascript:x"',
  "%%{init: {}}%%",
  "end",
  "]]",
  "--> g",
  "a\u0300\u0301\u0302\u0303\u0304",
  "",
];
/** What of a forge's markup this program writes itself. */
const OWN = /<\/?(details|summary)>|<!-- kuma-federation: previews -->/g;
const MEANT = /[@<>\[\]~$&\\]|!\d|#\d|GH-\d|[0-9a-f]{7}|https?:|www\.|\/\/|:\w+:/i;
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/** Fails where a text of others means anything. */
function assertHarmless(comment: string): void {
  const { prose, fences } = partsOf(comment);
  for (const line of prose.replace(OWN, "").split("\n")) {
    assert.doesNotMatch(line.replace(/^#{3,4} /, ""), MEANT);
    assert.doesNotMatch(line, /^\//);
  }
  // GitLab takes other ends of a block of code than Markdown does: no line at all is to be a command
  assert.doesNotMatch(comment, /^\//m);
  // a list, or a line across, in what is one item of a list
  assert.doesNotMatch(comment.replace(/^```[^]*?^```$/gm, ""), /^- +([-+*]+|\d+[.)])( |$)/m);
  assert.ok(fences.every(({ text }) => !text.includes("```")));
  assert.doesNotMatch(comment.replace(/[\n\t]/g, ""), INVISIBLE);
  for (const { language, text } of fences) {
    // what a value was, and what it will be
    if (language === "diff")
      assert.ok(text.split("\n").filter((line) => /^[+-]/.test(line)).length <= 2, text);
    if (language !== "mermaid") continue;
    const drawn = text.replaceAll("<br/>", " ");
    for (const line of drawn.split("\n"))
      assert.match(
        line,
        /^(flowchart LR| {2}g\[\("global"\)\]| {2}\w+[[(]+"[^"<>#;&`]*"[\])]+| {2}\w+ [^"]*("\w+ resources" ==>)?[^"]*\w+| {2}class(Def)? .*)$/,
      );
  }
}

describe("cli/comment/render", () => {
  const { github } = FORGES;
  const first = (comment: string) => comment.split("\n")[0];

  it("begins with the verdict, and ends with what it is found by", () => {
    const restarts = [{ controlPlane: "zone z", why: "it joins the global" }];
    const reconnects = [{ zone: "z", connected: 2 }];
    const radius = { restarts, reconnects, meshes: [], cannotBeUndone: [] };
    const comment = renderComment([reportOf("dev", { blastRadius: radius })], github);
    assert.equal(
      first(comment),
      "### 🔄 `dev`: 0 resources to change, 1 control plane to restart, 2 proxies to reconnect",
    );
    assert.ok(comment.endsWith(`\n\n${MARKER}`));
    const lasting = renderComment(
      [reportOf("dev", { blastRadius: { ...radius, cannotBeUndone: ["x"] } })],
      github,
    );
    assert.match(first(lasting), /^### 🟠 .*, \*\*1 cannot be undone\*\*$/);
  });

  for (const [what, more, line] of [
    ["has nothing to do", { outcome: "same" }, "### ✅ `dev`: nothing to do"],
    [
      "could not read all",
      { outcome: "incomplete" },
      "### ❔ `dev`: not everything could be read, so this is not all",
    ],
    [
      "breaks a guardrail",
      { guardrails: [{ policy: "p", level: "mandatory", resource: "r", message: "m" }] },
      "### ⛔ `dev`: 1 mandatory guardrail broken",
    ],
  ] as const) {
    it(`says so in the first line where a stack ${what}`, () => {
      assert.equal(first(renderComment([reportOf("dev", more as Partial<PreviewReport>)], github)), line);
    });
  }

  it("says in the first line how many resources are made, changed, replaced and deleted", () => {
    const change = (op: string) => ({
      ...{ name: op, type: "t", op, component: null },
      changed: [],
      values: [],
    });
    const changes = ["delete", "create", "replace", "create", "import", "update"].map(change);
    assert.equal(
      first(renderComment([reportOf("dev", { changes })], github)),
      "### 🔄 `dev`: 6 resources to change (2 to create, 1 to import, 1 to update, 1 to replace, 1 to delete)",
    );
    assert.equal(
      first(renderComment([reportOf("dev", { changes: [change("delete")] })], github)),
      "### 🔄 `dev`: 1 resource to delete",
    );
  });

  it("says in the first line what cannot be undone, also where not everything could be read or a guardrail is broken", () => {
    const { blastRadius } = reportOf("dev");
    const lasting = { blastRadius: { ...blastRadius, cannotBeUndone: ["x"] } };
    const changes = [{ ...{ name: "a", type: "t", op: "delete", component: null }, changed: [], values: [] }];
    const incomplete = reportOf("dev", { outcome: "incomplete", changes, ...lasting });
    assert.equal(
      first(renderComment([incomplete], github)),
      "### 🟠 `dev`: 1 resource to delete, **1 cannot be undone**, not everything could be read, so this is not all",
    );
    const broken = { policy: "p", level: "mandatory", resource: "r", message: "m" };
    assert.equal(
      first(renderComment([reportOf("dev", { guardrails: [broken], ...lasting })], github)),
      "### ⛔ `dev`: 1 mandatory guardrail broken, **1 cannot be undone**",
    );
    const [line, , , , row] = renderComment([reportOf("calm"), incomplete], github).split("\n");
    assert.equal(line, "### 🟠 2 stacks. Change what cannot be undone: `dev`; Change: `calm`");
    assert.match(
      row,
      /^\| 🟠 `dev` \| 1 resource to change, \*\*1 cannot be undone\*\*, not everything could be read/,
    );
  });

  it("says in the words of the error why a preview failed", () => {
    const error =
      "Zone z was not federated, and nothing was written.\n    Timeout default/t: differs in conf";
    const comment = renderComment([reportOf("dev", { outcome: "failed", error })], github);
    assert.match(first(comment), /^### ❌ `dev`: `up` would stop/);
    assert.ok(comment.includes(`**Why it stops**\n\n\`\`\`\n${error}\n\`\`\``), comment);
  });

  it("tells the worst stack first, has a row for each, and no section for one with nothing to do", () => {
    const reports = [
      reportOf("calm", { outcome: "same" }),
      reportOf("busy"),
      reportOf("broken", { outcome: "failed", error: "No." }),
    ];
    const comment = renderComment(reports, github);
    assert.equal(
      first(comment),
      "### ❌ 3 stacks. Would stop: `broken`; Change: `busy`; Nothing to do: `calm`",
    );
    const [overview] = partsOf(comment).tables;
    assert.deepEqual(
      overview.slice(2).map((line) => /`(\w+)`/.exec(line)?.[1]),
      ["broken", "busy", "calm"],
    );
    assert.deepEqual(
      [...comment.matchAll(/^#### . Stack `(\w+)`$/gmu)].map(([, name]) => name),
      ["broken", "busy"],
    );
  });

  it("lists guardrails by level, the mandatory ones first", () => {
    const guardrail = (level: string, policy: string) => ({
      level,
      policy,
      resource: "r",
      message: "Set it.",
    });
    const guardrails = [guardrail("advisory", "a"), guardrail("mandatory", "m"), guardrail("remediate", "r")];
    const { tables } = partsOf(renderComment([reportOf("dev", { guardrails })], github));
    assert.deepEqual(
      tables[0].slice(2).map((line) => line.split(" | ")[1]),
      ["`m`", "`r`", "`a`"],
    );
  });

  it("keeps apart what is broken live and not touched: it bars nothing", () => {
    const brokenBefore = [
      { policy: "mtls-strict", resource: "Mesh default", at: "the global", message: "It is permissive." },
    ];
    const comment = renderComment([reportOf("dev", { brokenBefore })], github);
    assert.match(comment, /^### 🔄 `dev`/);
    assert.match(comment, /<details><summary>Guardrails that what is live breaks, .* \(1\)<\/summary>/);
    assert.match(comment, /^\| `mtls-strict` \| `Mesh default` \| the global \|$/m);
  });

  it("marks in the diagram what changes, and draws none where the forge does not", () => {
    const zones = [
      joiningZone("new", []),
      { ...joiningZone("old", []), change: "stays" as const, restarts: false },
    ];
    const report = reportOf("dev", { zones });
    const [diagram] = partsOf(renderComment([report], github)).fences;
    assert.equal(diagram.language, "mermaid");
    assert.match(diagram.text, /z0\["new<br\/>joins, restarts"\]/);
    assert.match(diagram.text, /class z0 changed$/m);
    const plain = renderComment([report], FORGES.bitbucket);
    assert.doesNotMatch(plain, /mermaid|<details>|<!--/);
  });

  for (const forge of FORGE_NAMES) {
    const { limit } = FORGES[forge];
    const isWithin = (comment: string) => assert.ok(Buffer.byteLength(comment) <= limit, `${comment.length}`);

    it(`keeps 2,500 resources within what ${forge} takes, with the verdict, and no table cut in two`, () => {
      const keys = Array.from(
        { length: 2_500 },
        (_, index) => `MeshTimeout default/a-resource-of-a-usual-name-${index}`,
      );
      const zone = joiningZone(
        "zone-1",
        keys.map((key) => ({ key, action: "create" as const })),
      );
      const changes = [...keys.slice(0, 40), "gone"].map((name) => ({
        ...{ name, type: "kubernetes:helm.sh/v3:Release", op: name === "gone" ? "delete" : "create" },
        ...{ component: null, changed: [], values: [] },
      }));
      const comment = renderComment(
        [reportOf("big", { zones: [zone], changes, notes: [keys.join("\n")] })],
        FORGES[forge],
      );
      isWithin(comment);
      assert.match(first(comment), /^### 🔄 `big`/);
      const rows = partsOf(comment).tables.flat();
      const resources = rows.filter((line) => line.includes("`kubernetes:helm.sh/v3:Release`"));
      assert.equal(resources.length, changes.length);
      assert.match(resources[0], /^\| delete \| `gone`/);
      assert.ok(rows.some((line) => line.includes(keys[29])));
      if (forge === "gitlab") assert.ok(rows.some((line) => line.includes(keys[2_499])));
      else assert.match(comment, /… and [\d]+ more/);
    });

    it(`keeps 2,500 conflicts and a long error, and 60 stacks, within what ${forge} takes`, () => {
      const resources = Array.from({ length: 2_500 }, (_, index) => ({
        ...{ key: `Timeout default/t-${index}`, action: "conflict" as const, detail: "differs in conf" },
      }));
      const failed: Partial<PreviewReport> = {
        ...{ outcome: "failed", error: resources.map(({ key }) => key).join("\n") },
        zones: [joiningZone("zone-1", resources)],
      };
      for (const reports of [
        [reportOf("dev", failed)],
        Array.from({ length: 60 }, (_, index) => reportOf(`stack-${index}`, index % 2 ? failed : {})),
      ]) {
        const comment = renderComment(reports, FORGES[forge], "a5c3785e");
        isWithin(comment);
        partsOf(comment);
        assert.match(comment, /\n\nPreviewed at a5c3785e\.(\n\n<!--.*)?$/);
        assert.match(first(comment), /^### ❌/);
        if (reports.length === 1) assert.match(comment, /Why it stops[^]*Timeout default\/t-0/);
      }
    });
  }

  for (const attack of ATTACKS) {
    it(`takes ${JSON.stringify(attack)} for a text`, () => {
      for (const forge of FORGE_NAMES) {
        assertHarmless(renderComment([reportFullOf(attack)], FORGES[forge]));
        assertHarmless(renderComment([reportFullOf(attack), reportFullOf(`a${attack}b`)], FORGES[forge]));
      }
    });
  }

  it("takes any text for a text, and stays within the limits", () => {
    const part = fc.oneof(
      fc.constantFrom(...ATTACKS),
      fc.string({ unit: "binary" }),
      fc.nat({ max: 3_000 }).map((count) => "`".repeat(count)),
      fc.nat({ max: 1_000 }).map((count) => "long words ".repeat(count)),
    );
    const text = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(
        text,
        text,
        fc.constantFrom(...FORGE_NAMES),
        fc.integer({ min: 1, max: 5 }),
        (one, other, forge, count) => {
          const reports = Array.from({ length: count }, () => reportFullOf(one, other));
          const comment = renderComment(reports, FORGES[forge]);
          assert.ok(Buffer.byteLength(comment) <= FORGES[forge].limit);
          assert.match(first(comment), /^### ❌ /);
          assertHarmless(comment);
        },
      ),
      { numRuns: 25 },
    );
  });
});
