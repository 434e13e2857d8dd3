import { Pair, matrixOf, numbered, proxiesWord, stateOf, zoneProxiesWord } from "../../digest";
import type { StatusReport, ZoneInStatus } from "../../report";
import { Markup, clipped, html } from "./markup";

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
  if (report.zones.length === 0) return html`<p>No zone is federated.</p>`;
  const arcs = arcsOf(report);
  const pictures =
    report.zones.length <= MOST_BESIDE
      ? [beside(report, arcs, "wide"), below(report, arcs, "narrow")]
      : [below(report, arcs, "any")];
  return html`<figure class="topology">
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
  return `The global control plane and ${numbered(zones.length, "zone")}, ${online} of them connected. ${open} of ${links.length} ways between zones are open. The tables below tell all of it.`;
}

function picture(kind: string, report: StatusReport, width: number, height: number, body: Markup): Markup {
  return html`<svg
    class="picture ${kind}"
    viewBox="0 0 ${width} ${height}"
    role="img"
    aria-label="${described(report)}"
  >
    <defs>
      <marker
        id="arrow-${kind}"
        viewBox="0 0 8 8"
        refX="7"
        refY="4"
        markerWidth="7"
        markerHeight="7"
        orient="auto-start-reverse"
      >
        <path d="M0 0 8 4 0 8z" />
      </marker>
    </defs>
    ${body}
  </svg>`;
}

function arc(kind: string, { state, ways }: Arc, title: string, path: string): Markup {
  const end = html` marker-end="url(#arrow-${kind})"`;
  const start = html` marker-start="url(#arrow-${kind})"`;
  const arrow = ways === "there" ? end : ways === "back" ? start : "";
  return html`<path class="arc ${state}" d="${path}" ${arrow}><title>${title}</title></path> `;
}

function titleOf({ zones }: StatusReport, { a, b, state, ways }: Arc): string {
  const [left, right] = [zones[a].name, zones[b].name];
  const sides =
    ways === "both"
      ? `${left} and ${right}`
      : ways === "there"
        ? `${left} to ${right}`
        : `${right} to ${left}`;
  return `${sides}: ${state}`;
}

function summary(zone: ZoneInStatus): string {
  return `${zone.name}: ${stateOf(zone)}, data plane proxies connected: ${proxiesWord(zone.proxies)}, zone ingress ${zoneProxiesWord(zone.ingress)}, zone egress ${zoneProxiesWord(zone.egress)}`;
}

/** `ingress 1/1` */
function doors({ ingress, egress }: ZoneInStatus): string {
  const of = (all: ZoneInStatus["ingress"]) =>
    all.length === 0 ? "–" : `${all.filter(({ connected }) => connected).length}/${all.length}`;
  return `in ${of(ingress)} · out ${of(egress)}`;
}

function beside(report: StatusReport, arcs: readonly Arc[], kind: string): Markup {
  const { zones, global } = report;
  const width = 960;
  const gap = zones.length > 6 ? 8 : 20;
  const card = Math.min(190, (width - gap * (zones.length - 1)) / zones.length);
  const left = (width - card * zones.length - gap * (zones.length - 1)) / 2;
  const middle = (at: number) => left + at * (card + gap) + card / 2;
  const [top, bottom] = [142, 222];
  const depth = ({ a, b }: Arc) => 26 + 150 * ((b - a) / Math.max(3, zones.length - 1));
  const height = arcs.length === 0 ? bottom + 8 : bottom + Math.max(...arcs.map(depth)) * 0.78 + 14;
  const letters = Math.floor(card / 8.6);
  const small = card < 120;
  const links = zones.map((zone, at) => {
    const x = middle(at);
    return html`<path
      class="link ${toneOf(zone)}"
      d="M${width / 2} 66C${width / 2} 106 ${x} 100 ${x} ${top}"
    /> `;
  });
  const cards = zones.map((zone, at) => {
    const x = middle(at) - card / 2;
    const proxies = proxiesWord(zone.proxies);
    return html`<g class="zone ${toneOf(zone)}"
      ><title>${summary(zone)}</title>
      <rect x="${x}" y="${top}" width="${card}" height="${bottom - top}" rx="10" />
      <circle cx="${x + 14}" cy="${top + 20}" r="5" />
      <text class="name" x="${x + 26}" y="${top + 25}">${clipped(zone.name, letters - 2)}</text>
      <text x="${x + 12}" y="${top + 47}"
        >${small ? clipped(stateOf(zone), letters) : `${stateOf(zone)}${zone.version === undefined ? "" : ` · ${clipped(zone.version, letters - 9)}`}`}</text
      >
      <text x="${x + 12}" y="${top + 66}"
        >${small ? doors(zone).replaceAll(" ", "\u00a0").replace("\u00a0·\u00a0", " ") : `${proxies} proxies · ${doors(zone)}`}</text
      ></g
    > `;
  });
  const curves = arcs.map((each) => {
    const [from, to, deep] = [middle(each.a), middle(each.b), bottom + depth(each)];
    const path = `M${from} ${bottom + 3}C${from} ${deep} ${to} ${deep} ${to} ${bottom + 3}`;
    return arc(kind, each, titleOf(report, each), path);
  });
  return picture(
    kind,
    report,
    width,
    Math.ceil(height),
    html`${links}${curves}${cards}<g class="global"
        ><rect x="${width / 2 - 150}" y="8" width="300" height="58" rx="12" />
        <text class="name" x="${width / 2}" y="33">Global control plane</text>
        <text x="${width / 2}" y="53"
          >${global?.version ? `${global.product} ${global.version}` : "does not answer"}</text
        ></g
      >`,
  );
}

const ROW = 52;

function below(report: StatusReport, arcs: readonly Arc[], kind: string): Markup {
  const { zones, global } = report;
  const [width, top, rail, right] = [340, 62, 16, 236];
  const middle = (at: number) => top + at * ROW + ROW / 2;
  const reach = ({ a, b }: Arc) =>
    Math.min(right + 18 + 84 * ((b - a) / Math.max(2, zones.length - 1)) * 1.3, 336);
  const rows = zones.map((zone, at) => {
    const y = middle(at);
    return html`<g class="zone ${toneOf(zone)}"
      ><title>${summary(zone)}</title>
      <rect x="34" y="${y - 21}" width="${right - 36}" height="42" rx="8" />
      <path class="link ${toneOf(zone)}" d="M${rail} ${y}H34" /><circle cx="${rail}" cy="${y}" r="5" />
      <text class="name" x="44" y="${y - 3}">${clipped(zone.name, 21)}</text>
      <text x="44" y="${y + 14}">${zone.disabled ? "disabled" : stateOf(zone)} · ${doors(zone)}</text></g
    > `;
  });
  const curves = arcs.map((each) => {
    const [from, to, far] = [middle(each.a), middle(each.b), reach(each)];
    const path = `M${right} ${from}C${far} ${from} ${far} ${to} ${right} ${to}`;
    return arc(kind, each, titleOf(report, each), path);
  });
  return picture(
    kind,
    report,
    width,
    top + zones.length * ROW + 4,
    html`<path class="rail" d="M${rail} 46V${middle(zones.length - 1)}" />${curves}${rows}
      <g class="global"
        ><rect x="2" y="4" width="${right - 4}" height="44" rx="10" />
        <text class="name" x="${right / 2}" y="23">Global control plane</text>
        <text x="${right / 2}" y="40"
          >${global?.version ? `${global.product} ${global.version}` : "does not answer"}</text
        ></g
      >`,
  );
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
      html`<li>
        <svg viewBox="0 0 28 10" width="28" height="10" aria-hidden="true">
          <path class="arc ${state}" d="M1 5H27" />
        </svg>
        ${MEANING[state]}
      </li>`,
  );
  return html`<ul class="legend">
    ${items}
    <li><b>in</b>, <b>out</b>: zone ingresses and zone egresses that are connected, of all</li>
  </ul>`;
}
