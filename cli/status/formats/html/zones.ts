import {
  countsPerState,
  duration,
  endingLevel,
  equalWord,
  momentWord,
  proxiesWord,
  stateOf,
  syncWord,
  zoneProxiesWord,
} from "../../digest";
import type { StatusReport, ZoneInStatus } from "../../report";
import { Markup, Tone, badge, breakable, markup, table } from "./markup";

/** A zone in one line, and all that is known of it below: types and what was refused, ingress and egress, what ends. */
export function zoneCards(report: StatusReport): Markup {
  const cards = report.zones.map((zone) => zoneCard(zone, report));
  const alone = report.alone.map(
    ({ name, version }) =>
      markup`<li>
        <strong>${name}</strong> runs alone${version === null ? ", and does not answer" : ` (${version})`}
      </li>`,
  );
  return markup`<div class="cards">${cards}</div>
    ${
      alone.length > 0 &&
      markup`<ul>
        ${alone}
      </ul>`
    }`;
}

function zoneCard(zone: ZoneInStatus, report: StatusReport): Markup {
  const { time } = report;
  const tone: Tone = !zone.online ? "bad" : zone.disabled ? "warn" : "good";
  return markup`<details id="zone-${report.zones.indexOf(zone) + 1}">
    <summary>
      <strong>${zone.name}</strong>${badge(tone, stateOf(zone).toLowerCase())}<span class="facts">${facts(zone, time)}</span>
    </summary>
    <dl>
      ${lines(zone, time).map(
        ([name, value]) =>
          markup`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
    ${syncTable(zone)}${proxyTable("Zone ingress", zone.ingress)}${proxyTable("Zone egress", zone.egress)}${endsOfZone(zone, report)}${ledgerOf(zone, report)}
  </details> `;
}

/** What a person looks for first; what is wrong is marked. */
function facts(zone: ZoneInStatus, time: string): Markup[] {
  const proxies = zone.proxies;
  const isEqual = zone.globalToZone === true && zone.zoneToGlobal === true;
  const isDifferent = zone.globalToZone === false || zone.zoneToGlobal === false;
  const told: [tone: Tone, text: string][] = [
    ...(zone.since === null
      ? []
      : ([["none", `${zone.online ? "for" : "offline for"} ${duration(zone.since, time)}`]] as [
          Tone,
          string,
        ][])),
    ["none", zone.version ?? "version unknown"],
    [
      isDifferent ? "bad" : isEqual ? "none" : "warn",
      isDifferent ? "not equal" : isEqual ? "both sides equal" : "not compared",
    ],
    ...(zone.sync && zone.sync.refused > 0 ? ([["bad", syncWord(zone.sync)]] as [Tone, string][]) : []),
    [
      proxies && proxies.registered > 0 && proxies.connected < proxies.registered ? "warn" : "none",
      proxies?.registered === 0 ? "no proxies" : `${proxiesWord(proxies)} proxies`,
    ],
  ];
  return told.map(([tone, text]) => markup`<span class="${tone}">${text}</span> `);
}

function lines(zone: ZoneInStatus, time: string): [string, string][] {
  const since = zone.since === null ? "unknown" : `${momentWord(zone.since)} (${duration(zone.since, time)})`;
  return [
    [zone.online ? "Connected since" : "Offline since", since],
    ["Version", `${zone.version ?? "unknown"}${skewWord(zone.skew)}`],
    [
      "Last sync",
      zone.sync?.at ? `${momentWord(zone.sync.at)} (${duration(zone.sync.at, time)} ago)` : "unknown",
    ],
    ["Global to zone", equalWord(zone.globalToZone).toLowerCase()],
    ["Zone to global", equalWord(zone.zoneToGlobal).toLowerCase()],
    [
      "Data plane proxies",
      zone.proxies?.registered === 0 ? "none" : `${proxiesWord(zone.proxies)} connected`,
    ],
    ["Zone ingress", zoneProxiesWord(zone.ingress)],
    ["Zone egress", zoneProxiesWord(zone.egress)],
  ];
}

function skewWord(skew: ZoneInStatus["skew"]): string {
  return {
    same: ", the global's",
    older: ", older than the global's",
    newer: ", newer than the global's",
    unknown: "",
  }[skew];
}

/** Refusals first. */
function syncTable({ name, sync }: ZoneInStatus): Markup | string {
  if (!sync || sync.types.length === 0) return "";
  const rows = [...sync.types]
    .sort((a, b) => b.refused - a.refused || b.kept - a.kept)
    .map(({ type, sent, acknowledged, refused, kept }) => [
      breakable(type),
      String(sent),
      String(acknowledged),
      refused > 0 ? badge("bad", String(refused)) : kept > 0 ? "keeps its own" : "0",
    ]);
  const header = ["Type", "Sent", "Accepted", "Refused"];
  return markup`<h3>What the global sent, by type</h3>
    ${table(`What the global sent to ${name}`, header, rows, "numbers")}`;
}

function proxyTable(title: string, all: ZoneInStatus["ingress"]): Markup | string {
  if (all.length === 0) return "";
  const rows = all.map(({ name, address, connected }) => [
    name,
    markup`<code>${address ?? "none"}</code>`,
    connected === null
      ? badge("none", "unknown")
      : badge(connected ? "good" : "bad", connected ? "connected" : "not connected"),
  ]);
  return markup`<h3>${title}</h3>
    ${table(title, ["Name", "Address", "State"], rows, "stack")}`;
}

function endsOfZone({ name }: ZoneInStatus, { ends, time }: StatusReport): Markup | string {
  const own = ends.filter(({ zone }) => zone === name);
  if (own.length === 0) return "";
  const rows = own.map((each) => [each.what, momentWord(each.ends), endBadge(each, time)]);
  return markup`<h3>Certificates and tokens</h3>
    ${table(`What ends in ${name}`, ["What", "Ends", "State"], rows, "stack")}`;
}

export function endBadge(ending: StatusReport["ends"][number], time: string): Markup {
  const level = endingLevel(ending, time);
  if (level === "ended") return badge("bad", `ended ${duration(ending.ends, time)} ago`);
  const left = `in ${duration(time, ending.ends)}`;
  return badge(level === "soon" ? "warn" : "good", ending.renewed ? `${left}, renewed before` : left);
}

function ledgerOf({ name }: ZoneInStatus, { ledger }: StatusReport): Markup | string {
  const own = ledger.filter(({ zone }) => zone === name);
  if (own.length === 0) return "";
  const items = own.map(
    ({ occasion, recorded, comparedBy, unexplained }) =>
      markup`<li>
        ${occasion === "joined" ? "Joined its global" : "Handed its policies over"}: ${recorded} resources
        compared by ${momentWord(comparedBy)},
        ${unexplained.length === 0 ? "each difference explained" : `${unexplained.length} unexplained`}.
      </li>`,
  );
  return markup`<h3>Compared with before</h3>
    <ul>
      ${items}
    </ul>`;
}

const PAST_TONES = { online: "good", offline: "bad", disabled: "warn", unknown: "none" } as const;
const OUTCOME_TONES = { healthy: "good", unhealthy: "bad", inconclusive: "warn" } as const;
/** So many looks are shown side by side. */
const MOST_BARS = 60;
const MOST_ROWS = 30;

/** Earlier looks, a column each, the last one on the right. */
export function history(report: StatusReport): Markup | undefined {
  const looks = report.history.slice(-MOST_BARS);
  if (looks.length === 0) return undefined;
  const row = (title: string, cells: readonly (readonly [Tone, string])[]) => {
    const counts = countsPerState(cells.map(([, word]) => word));
    return markup`<span>${title}</span><svg
        viewBox="0 0 ${cells.length * 10} 16"
        preserveAspectRatio="none"
        role="img"
        aria-label="${`${title}: ${counts}`}"
      >
        ${cells.map(
          ([tone, word], at) =>
            markup`<rect
              class="${tone}"
              x="${at * 10 + 1}"
              y="${tone === "good" ? 4 : 0}"
              width="8"
              height="${tone === "good" ? 12 : 16}"><title>${momentWord(looks[at].time)}: ${word}</title></rect>`,
        )}
      </svg> `;
  };
  const now = report.zones.map(({ name }) => name);
  // those that have left come last
  const left = new Set(looks.flatMap(({ zones: then }) => Object.keys(then)));
  for (const name of now) left.delete(name);
  const zones = [...now, ...[...left].sort()].map((name) =>
    row(
      name,
      looks.map(({ zones: then }): [Tone, string] =>
        Object.hasOwn(then, name) ? [PAST_TONES[then[name]], then[name]] : ["none", "not listed"],
      ),
    ),
  );
  const rows = [...looks]
    .reverse()
    .slice(0, MOST_ROWS)
    .map(({ time, outcome, problems, warnings }) => [
      momentWord(time),
      badge(OUTCOME_TONES[outcome], outcome),
      String(problems),
      String(warnings),
    ]);
  return markup`<div class="history">
      ${row(
        "Outcome",
        looks.map(({ outcome }) => [OUTCOME_TONES[outcome], outcome] as const),
      )}${zones}<span class="scale"><span>${momentWord(looks[0].time)}</span><span>${looks.length > 1 && momentWord(looks[looks.length - 1].time)}</span></span>
    </div>
    <details>
      <summary>The last ${rows.length} looks as a table</summary>
      ${table("Earlier looks", ["Time", "Outcome", "Problems", "Warnings"], rows, "looks")}
    </details>`;
}
