import { Pair, connectedOf, matrixOf, proxiesWord, stateOf, zoneProxiesWord } from "../../digest";
import type { StatusReport, ZoneInStatus } from "../../report";
import { Markup, clipped, markup } from "./markup";
import { plural } from "../../../../kuma/plural";

/** So many zones stand side by side; more of them below each other, on a wide page too. */
const MOST_BESIDE = 10;

/** Both ways between two zones. */
interface Arc {
  a: number;
  b: number;
  state: Pair["state"];
  /** Which ways are as the state says: a line with an arrow where it is one. */
  ways: "both" | "there" | "back";
}

/** The global, its zones, how they are connected with it, and between which calls can go. */
export function topology(report: StatusReport): Markup {
  if (report.zones.length === 0) return markup`<p>No zone is federated.</p>`;
  const arcs = arcsOf(report);
  const pictures =
    report.zones.length <= MOST_BESIDE
      ? [beside(report, arcs, "wide"), below(report, arcs, "narrow")]
      : [below(report, arcs, "any")];
  // with many zones lines are what is seen, and not each line
  return markup`<figure class="topology${arcs.length > 20 ? " dense" : ""}">
    ${pictures}
    <figcaption>${legend(arcs)}</figcaption>
  </figure>`;
}

const BEST_FIRST = ["open", "stale", "closed"] as const;

function arcsOf(report: StatusReport): Arc[] {
  const matrix = matrixOf(report);
  return matrix.flatMap((row, a) =>
    row.slice(a + 1).flatMap(({ state: there }, at): Arc[] => {
      const b = a + 1 + at;
      const back = matrix[b][a].state;
      const state = BEST_FIRST.find((each) => there === each || back === each);
      if (state === undefined) return [];
      return [{ a, b, state, ways: there === back ? "both" : there === state ? "there" : "back" }];
    }),
  );
}

function toneOf({ online, disabled }: ZoneInStatus): "good" | "bad" | "warn" {
  return !online ? "bad" : disabled ? "warn" : "good";
}

function described({ zones, links }: StatusReport): string {
  const online = zones.filter((zone) => zone.online).length;
  const open = links.filter(({ state }) => state === "open").length;
  return `The global control plane and ${plural(zones.length, "zone")}, ${online} of them connected. ${open} of ${links.length} ways between zones are open. The tables below tell all of it.`;
}

function picture(kind: string, report: StatusReport, width: number, height: number, body: Markup): Markup {
  return markup`<svg class="picture ${kind}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${described(report)}">
<defs><marker id="arrow-${kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto-start-reverse">
<path d="M0 0 8 4 0 8z"/></marker></defs>
${body}</svg>`;
}

function words(x: number, y: number, text: string, kind = ""): Markup {
  return markup`<text class="${kind}" x="${x}" y="${y}">${text}</text>`;
}

function link(zone: ZoneInStatus, path: string): Markup {
  return markup`<path class="link ${toneOf(zone)}" d="${path}"/>\n`;
}

function zoneBox(zone: ZoneInStatus, [x, y, width, height]: readonly number[], body: Markup): Markup {
  return markup`<g class="zone ${toneOf(zone)}"><title>${summary(zone)}</title>
<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="9"/>${body}</g>\n`;
}

function globalBox({ global }: StatusReport, [x, y, width, height]: readonly number[]): Markup {
  const [middle, line] = [x + width / 2, y + height / 2];
  const told = global?.version ? `${global.product} ${global.version}` : "does not answer";
  return markup`<g class="global"><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="11"/>
${words(middle, line - 4, "Global control plane", "name")}${words(middle, line + 15, told)}</g>`;
}

function arc(kind: string, { state, ways }: Arc, title: string, path: string): Markup {
  const arrow = { both: "", there: "marker-end", back: "marker-start" }[ways];
  const mark = arrow === "" ? "" : markup` ${arrow}="url(#arrow-${kind})"`;
  return markup`<path class="arc ${state}" d="${path}"${mark}><title>${title}</title></path>\n`;
}

function titleOf({ zones }: StatusReport, { a, b, state, ways }: Arc): string {
  const [left, right] = [zones[a].name, zones[b].name];
  const sides = { both: `${left} and ${right}`, there: `${left} to ${right}`, back: `${right} to ${left}` };
  return `${sides[ways]}: ${state}`;
}

function summary(zone: ZoneInStatus): string {
  return [
    `${zone.name}: ${stateOf(zone)}, data plane proxies connected: ${proxiesWord(zone.proxies)}`,
    `zone ingress ${zoneProxiesWord(zone.ingress)}, zone egress ${zoneProxiesWord(zone.egress)}`,
  ].join(", ");
}

/** Of zone ingresses or zone egresses: `1/1`. */
function doorWord(all: ZoneInStatus["ingress"]): string {
  return all.length === 0 ? "–" : `${connectedOf(all) ?? "?"}/${all.length}`;
}

function doorsWord({ ingress, egress }: ZoneInStatus): string {
  return `in ${doorWord(ingress)} · out ${doorWord(egress)}`;
}

/** Zones in a row below the global; arcs below them. */
function beside(report: StatusReport, arcs: readonly Arc[], kind: string): Markup {
  const { zones } = report;
  const width = 960;
  const gap = zones.length > 6 ? 8 : 20;
  const card = Math.min(190, (width - gap * (zones.length - 1)) / zones.length);
  const isSmall = card < 130;
  const letters = Math.floor((card - 18) / 7.4);
  const left = (width - card * zones.length - gap * (zones.length - 1)) / 2;
  const middle = (at: number) => left + at * (card + gap) + card / 2;
  const [top, bottom] = [130, 228];
  const depth = ({ a, b }: Arc) => 30 + 150 * ((b - a) / Math.max(3, zones.length - 1));
  const height = arcs.length === 0 ? bottom + 8 : bottom + Math.max(...arcs.map(depth)) * 0.78 + 12;
  const links = zones.map((zone, at) =>
    link(zone, `M${width / 2} 66C${width / 2} 104 ${middle(at)} 92 ${middle(at)} ${top}`),
  );
  const cards = zones.map((zone, at) => {
    const x = middle(at) - card / 2;
    const version = isSmall || zone.version === undefined ? "" : ` · ${zone.version}`;
    const lines = [
      clipped(zone.disabled ? `disabled${version}` : stateOf(zone) + version, letters),
      `${proxiesWord(zone.proxies)}${isSmall ? "" : " proxies"}`,
      doorsWord(zone).replace(isSmall ? " · " : "", isSmall ? " " : ""),
    ];
    return zoneBox(
      zone,
      [x, top, card, bottom - top],
      markup`<circle cx="${x + 15}" cy="${top + 20}" r="5"/>
${words(x + 26, top + 25, clipped(zone.name, letters - 2), "name")}${lines.map((line, row) => words(x + 11, top + 48 + row * 19, line))}`,
    );
  });
  const curves = arcs.map((each) => {
    const [from, to, deep] = [middle(each.a), middle(each.b), bottom + depth(each)];
    const path = `M${from} ${bottom + 3}C${from} ${deep} ${to} ${deep} ${to} ${bottom + 3}`;
    return arc(kind, each, titleOf(report, each), path);
  });
  const all = markup`${links}${curves}<g class="${isSmall ? "small" : ""}">${cards}</g>${globalBox(report, [width / 2 - 150, 8, 300, 58])}`;
  return picture(kind, report, width, Math.ceil(height), all);
}

const ROW = 52;

/** Zones below each other along a line that comes from the global; arcs beside them. */
function below(report: StatusReport, arcs: readonly Arc[], kind: string): Markup {
  const { zones } = report;
  const [width, top, rail, right] = [340, 60, 14, 238];
  const middle = (at: number) => top + at * ROW + ROW / 2;
  const reach = ({ a, b }: Arc) => right + 24 + 110 * ((b - a) / Math.max(2, zones.length - 1));
  const rows = zones.map((zone, at) => {
    const y = middle(at);
    return zoneBox(
      zone,
      [32, y - 22, right - 34, 44],
      markup`${link(zone, `M${rail} ${y}H32`)}<circle cx="${rail}" cy="${y}" r="5"/>
${words(42, y - 4, clipped(zone.name, 22), "name")}${words(42, y + 14, `${zone.disabled ? "disabled" : stateOf(zone)} · ${doorsWord(zone)}`)}`,
    );
  });
  const curves = arcs.map((each) => {
    const [from, to, far] = [middle(each.a), middle(each.b), reach(each)];
    const path = `M${right + 2} ${from}C${far} ${from} ${far} ${to} ${right + 2} ${to}`;
    return arc(kind, each, titleOf(report, each), path);
  });
  const line = markup`<path class="rail" d="M${rail} 46V${middle(zones.length - 1)}"/>`;
  const all = markup`${line}${curves}${rows}${globalBox(report, [2, 4, right - 4, 46])}`;
  return picture(kind, report, width, top + zones.length * ROW + 4, all);
}

const MEANING = {
  open: "calls can go both ways (an arrow: one way only)",
  stale: "as they went when a zone was last connected",
  closed: "calls cannot go",
};

function legend(arcs: readonly Arc[]): Markup {
  const states = BEST_FIRST.filter((state) => arcs.some((each) => each.state === state));
  const items = states.map(
    (state) =>
      markup`<li>
        <svg viewBox="0 0 28 10" width="28" height="10" aria-hidden="true">
          <path class="arc ${state}" d="M1 5H27" />
        </svg>
        ${MEANING[state]}
      </li>`,
  );
  return markup`<ul class="legend">
    ${items}
    <li><b>in</b>, <b>out</b>: zone ingresses and zone egresses that are connected, of all</li>
  </ul>`;
}
