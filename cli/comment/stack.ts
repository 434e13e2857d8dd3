import { policyCounts } from "../preview/policyCounts";
import { ACTIONS, type PreviewReport, isBarred } from "../preview/report";
import { Block, whole } from "./block";
import type { Forge } from "./forge";
import { meshTerms } from "./meshTerms";
import { FENCE, code, codeLines, row, words } from "./text";
import { oneLine } from "../../kuma/printable";
import { topology } from "./topology";
import { plural } from "../../kuma/plural";

/** Rows that are shown before all of them are folded. */
const MOST_SHOWN = 30;

/** Everything that a comment tells of one stack, as far as there is something to tell. */
export function stackBlocks(report: PreviewReport, forge: Forge): Block[] {
  const terms = meshTerms(report);
  return [
    ...failure(report),
    ...lasting(report),
    ...guardrails(report),
    ...findings(report),
    ...radius(report),
    ...plans(report),
    ...table(3, "What changes", ["", "Name", "What becomes of it", "Detail"], firstOf(terms)),
    ...leftOut(report),
    ...values(report),
    ...diagram(report, forge),
    ...(terms.length > MOST_SHOWN
      ? table(8, `All ${terms.length} rows`, ["", "Name", "What becomes of it", "Detail"], terms, forge)
      : []),
    ...untouched(report, forge),
    ...resources(report, forge),
    ...notes(report, forge),
  ];
}

/** With a row that says so where these are not all. */
function firstOf(terms: readonly string[]): string[] {
  const left = terms.length - MOST_SHOWN;
  return left > 0
    ? [...terms.slice(0, MOST_SHOWN), row("", `… and ${left} more, see all rows below`, "", "")]
    : [...terms];
}

function failure(report: PreviewReport): Block[] {
  // the table of guardrails says more
  return report.error === null || isBarred(report) ? [] : [lines(1, "**Why it stops**", report.error)];
}

function lasting({ blastRadius }: PreviewReport): Block[] {
  return bullets(
    1,
    "**What cannot be undone**",
    blastRadius.cannotBeUndone.map((sentence) => words(sentence)),
  );
}

/** Where a rule of this program's pack is told of. */
const HEADING = /\((docs\/[\w./-]+#[\w-]+)\)$/;
/** Levels of a policy pack, the one that stops `up` first. */
const LEVELS = ["mandatory", "remediate", "advisory"];

function guardrails({ guardrails: all }: PreviewReport): Block[] {
  const rankOf = (level: string) => (LEVELS.includes(level) ? LEVELS.indexOf(level) : LEVELS.length);
  const sorted = [...all].sort((a, b) => rankOf(a.level) - rankOf(b.level));
  const rows = sorted.map(({ level, policy, resource, at, change, message }) =>
    row(
      level === "mandatory" ? "**mandatory**" : words(level),
      code(policy),
      [
        code(resource),
        ...(at === undefined ? [] : [`on ${words(at)}`]),
        ...(change === "keeps" ? ["(as today)"] : []),
      ].join(" "),
      words(message.replace(HEADING, "(`$1`)")),
    ),
  );
  return table(2, "Guardrails", ["Level", "Rule", "Resource", "What it says"], rows);
}

function untouched({ brokenBefore = [] }: PreviewReport, forge: Forge): Block[] {
  const rows = brokenBefore.map(({ policy, resource, at }) => row(code(policy), code(resource), words(at)));
  const title = `Guardrails that what is live breaks, untouched by this change (${rows.length})`;
  return table(8, title, ["Rule", "Resource", "Where"], rows, forge);
}

/** What preflight has found; where the preview has failed over it, the error has the same words. */
function findings(report: PreviewReport): Block[] {
  const { zones, error } = report;
  const conflicts = zones.flatMap(({ zone, plan }) =>
    (plan?.resources ?? [])
      .filter(({ action }) => action === "conflict")
      .map(({ key, detail = "" }) => ({ zone, cells: [code(key), code(detail)] })),
  );
  const told = zones.flatMap(({ zone, checks }) =>
    checks
      .filter(({ verdict }) => error === null || verdict !== "blocker")
      .map(({ verdict, code: name, sentence }) => ({ zone, cells: [verdict, code(name), words(sentence)] })),
  );
  return [
    ...ofZones(report, 2, "In conflict", ["Resource", "Where it differs"], conflicts),
    ...ofZones(report, 3, "Preflight", ["", "Check", "What was found"], told),
  ];
}

function radius({ blastRadius: { restarts, reconnects, meshes } }: PreviewReport): Block[] {
  const controlPlanes = restarts.map(({ controlPlane, why }) => {
    const zone = reconnects.find((each) => `zone ${each.zone}` === controlPlane);
    return `The control plane of ${code(controlPlane)} restarts: ${words(why)}.${zone ? ` ${reconnecting(zone)}` : ""}`;
  });
  const policies = meshes.map(({ mesh, proxies, services, ...counts }) => {
    const whom =
      proxies === null
        ? "whom that reaches could not be read"
        : `up to ${plural(proxies, "proxy")} of ${plural(services ?? 0, "service")}`;
    return `Policies ${mesh === null ? "of no mesh" : `in mesh ${code(mesh)}`}: ${policyCounts(counts).join(", ")}; ${whom}.`;
  });
  return bullets(2, "**Blast radius**", [...controlPlanes, ...policies]);
}

function reconnecting({ connected }: PreviewReport["blastRadius"]["reconnects"][number]): string {
  if (connected === null) return "How many of its proxies reconnect could not be read.";
  if (connected === 0) return "No proxy is connected with it.";
  return `Reconnecting: ${connected} of its proxies.`;
}

/** A table with the zone of each row in front, where there are several. */
function ofZones(
  { zones }: PreviewReport,
  rank: number,
  title: string,
  head: readonly string[],
  rows: readonly { zone: string; cells: readonly string[] }[],
): Block[] {
  const isOne = zones.length === 1;
  const cellsOf = ({ zone, cells }: (typeof rows)[number]) => (isOne ? cells : [code(zone), ...cells]);
  return table(
    rank,
    title,
    isOne ? head : ["Zone", ...head],
    rows.map((each) => row(...cellsOf(each))),
  );
}

const COLUMNS: Record<(typeof ACTIONS)[number], string> = {
  ...{ create: "Created", same: "Same", replaceGenerated: "Replaced (generated)", overwrite: "Overwritten" },
  ...{ keepGlobal: "Global's kept", conflict: "In conflict" },
};

/** With those columns alone that hold something. */
function plans(report: PreviewReport): Block[] {
  const { zones } = report;
  const all = zones.flatMap(({ zone, plan }) => (plan?.types ?? []).map((each) => ({ zone, ...each })));
  const actions = ACTIONS.filter((action) => all.some(({ counts }) => (counts[action] ?? 0) > 0));
  const rows = all.map(({ zone, type, counts }) => ({
    zone,
    cells: [code(type), ...actions.map((action) => String(counts[action] ?? ""))],
  }));
  const head = ["Type", ...actions.map((action) => COLUMNS[action])];
  return ofZones(report, 3, "Federation plan by type", head, rows);
}

function leftOut(report: PreviewReport): Block[] {
  const rows = report.zones.flatMap(({ zone, plan }) => {
    if (!plan) return [];
    const all = [
      ...plan.leftOut.map(({ key, reason }) => [code(key), words(reason)]),
      ...plan.keptAlone.map((key) => [code(key), "stays in the zone alone"]),
    ];
    const kept = [plural(plan.kept, "resource"), "owned by the zone: in it, and copied to the global"];
    return (plan.kept > 0 ? [...all, kept] : all).map((cells) => ({ zone, cells }));
  });
  return ofZones(report, 5, "Not carried, and why", ["What", "Why"], rows);
}

/** A chart's values, and what a host's drop-in has, as a difference; what may be secret came masked. */
function values({ changes }: PreviewReport): Block[] {
  return changes
    .filter((change) => change.values.length > 0)
    .map((change) => {
      const text = change.values.flatMap(({ path, before, after }) => [
        ...(before === null ? [] : [`- ${oneLine(path)}: ${oneLine(before)}`]),
        ...(after === null ? [] : [`+ ${oneLine(path)}: ${oneLine(after)}`]),
      ]);
      const what = /:UniversalZoneFederation$/.test(change.type)
        ? "Variables in the drop-in of"
        : "Values of";
      return lines(5, `**${what}** ${code(change.name)}`, text.join("\n"), "diff");
    });
}

function diagram(report: PreviewReport, { mermaid }: Forge): Block[] {
  const drawn = mermaid ? topology(report) : undefined;
  return drawn === undefined ? [] : [whole(6, drawn)];
}

/** What is lost with a resource comes first, should not all have room. */
const LOSING = ["delete", "replace"];

function resources({ changes }: PreviewReport, forge: Forge): Block[] {
  const [losing, others] = [true, false].map((loses) =>
    changes.filter(({ op }) => LOSING.includes(op) === loses),
  );
  const rows = [...losing, ...others].map(({ op, name, type, component, changed }) =>
    row(
      words(op),
      code(name),
      code(type),
      component === null ? "" : code(component),
      changed
        .map((each) => code(each, 40))
        .slice(0, 20)
        .join(", "),
    ),
  );
  const head = ["", "Resource", "Type", "Component", "Inputs that change"];
  return table(7, `Resources of the stack (${rows.length})`, head, rows, forge);
}

function notes({ notes: told, warnings }: PreviewReport, forge: Forge): Block[] {
  const text = [...warnings.map((warning) => `warning: ${warning}`), ...told].join("\n");
  return text.trim() === "" ? [] : [folded(lines(9, "", text), "What the preview told", forge)];
}

/** A table with a heading; folded where the forge can. */
function table(
  rank: number,
  title: string,
  head: readonly string[],
  rows: readonly string[],
  forge?: Forge,
): Block[] {
  if (rows.length === 0) return [];
  const block: Block = {
    ...{ rank, rows },
    head: [forge ? "" : `**${title}**\n\n`, row(...head), "\n", row(...head.map(() => "---"))].join(""),
    more: (left) => row(...head.map((_, index) => (index === 1 ? `… and ${left} more` : ""))),
    without: `_${title}: no room here for ${plural(rows.length, "row")}. The preview's report in JSON has them._`,
  };
  return [forge ? folded(block, title, forge) : block];
}

function bullets(rank: number, head: string, items: readonly string[]): Block[] {
  if (items.length === 0) return [];
  const rows = items.map((item) => `- ${item}`);
  return [
    {
      rank,
      rows,
      head: `${head}\n`,
      more: (left) => `- … and ${left} more`,
      without: `${head}: ${items.length}`,
    },
  ];
}

/** A text of others in a block of code. */
function lines(rank: number, head: string, text: string, language = ""): Block {
  // in a difference what begins with a sign would pass for a value of its own
  const rows = codeLines(text, language === "diff" ? "  " : "");
  return {
    ...{ rank, rows },
    head: `${head === "" ? "" : `${head}\n\n`}${FENCE}${language}`,
    more: (left) => `… and ${left} more lines`,
    tail: FENCE,
    ...(head !== "" && { without: `${head}: no room here; the preview's report in JSON has it` }),
  };
}

function folded(block: Block, title: string, { html }: Forge): Block {
  return html
    ? {
        ...block,
        head: `<details><summary>${title}</summary>\n\n${block.head}`,
        tail: `${block.tail === undefined ? "" : `${block.tail}\n`}\n</details>`,
      }
    : { ...block, head: `**${title}**\n\n${block.head}` };
}
