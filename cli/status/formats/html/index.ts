import { Pair, countsOf, matrixOf, momentWord, outcomeWord, proxiesWord, remarksOf } from "../../digest";
import type { StatusReport } from "../../report";
import { Markup, SIGNS, Tone, badge, breakable, markup, section, table } from "./markup";
import { STYLE } from "./style";
import { topology } from "./topology";
import { endBadge, history, zoneCards } from "./zones";
import { plural } from "../../../../kuma/plural";

const TONES = { healthy: "good", unhealthy: "bad", inconclusive: "warn" } as const;

/** One page that holds all it needs: it loads nothing, and runs nothing. */
export function htmlStatus(report: StatusReport): string {
  const { stack, time, outcome, global } = report;
  const tone = TONES[outcome];
  const title = `${outcomeWord(report)}: ${stack}`;
  const past = history(report);
  return markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>${title}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
        />
        <meta name="referrer" content="no-referrer" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <style>
          ${new Markup(STYLE)}
        </style>
      </head>
      <body>
        <a class="skip" href="#zones">To the zones</a>
        <main>
          <header class="${tone}">
            <p class="soft">Stack</p>
            <h1>${stack}</h1>
            <p class="verdict">
              <span class="${tone}"><span aria-hidden="true">${SIGNS[tone]}</span> ${outcomeWord(report)}</span>
              <span class="soft">${countsOf(report)}</span>
            </p>
            <p class="soft">
              ${global === null ? "The global was not looked at, as no zone is its member" : markup`${global.product === null ? "The global does not answer" : `${global.product} ${global.version}`} at <code>${global.address}</code>`};
              looked at <time datetime="${time}">${momentWord(time)}</time>
            </p>
          </header>
          ${remarks(report)} ${section("topology", "Topology", topology(report))}
          ${report.zones.length + report.alone.length > 0 && section("zones", "Zones", zoneCards(report))}
          ${report.links.length > 0 && section("calls", "Calls between zones", calls(report))}
          ${report.meshes.length > 0 && section("meshes", "Meshes", meshes(report))}
          ${report.services.length > 0 && section("services", "Services over zones", services(report))}
          ${report.ends.length > 0 && section("ends", "Certificates and tokens", ends(report))}
          ${past && section("history", "History", past)}
          ${report.resources.length > 0 && section("resources", "What was federated", resources(report))}
          <footer>
            Made by <code>npm run status -- --output html</code> of kuma-federation. This page loads nothing
            and runs nothing.
          </footer>
        </main>
      </body>
    </html>`.text;
}

function remarks(report: StatusReport): Markup | string {
  const all = remarksOf(report);
  if (all.length === 0) return "";
  const items = all.map(({ level, sentence, code, evidence, remedy, doc }) => {
    const tone: Tone = level === "problem" ? "bad" : "warn";
    const shown =
      evidence.length > 5
        ? markup`<details>
            <summary>${plural(evidence.length, "finding")}</summary>
            <ul>
              ${evidence.map((each) => markup`<li>${each}</li>`)}
            </ul>
          </details>`
        : evidence.length > 0 &&
          markup`<ul>
            ${evidence.map((each) => markup`<li>${each}</li>`)}
          </ul>`;
    return markup`<li class="${tone}">
      <p>${badge(tone, level)} ${code !== undefined && markup`<code class="soft">${code}</code>`}</p>
      <p>${sentence}</p>
      ${shown}${remedy !== undefined && markup`<p class="soft">${remedy}${doc !== undefined && markup` (<code>${doc}</code>)`}</p>`}
    </li> `;
  });
  return section(
    "wrong",
    "What to look at",
    markup`<ul class="remarks">
      ${items}
    </ul>`,
  );
}

const PAIR_TONES: Record<Pair["state"], Tone> = { open: "good", stale: "warn", closed: "bad", none: "none" };
const WORDS: Record<Pair["state"], string> = {
  ...{ open: "calls can go", stale: "as they went when a zone was last connected" },
  ...{ closed: "calls cannot go", none: "no mesh has data plane proxies in both" },
};
/** With more zones than that, columns have numbers, so that the page stays as wide as a telephone. */
const MOST_NAMED = 4;

function calls(report: StatusReport): Markup {
  const { zones, links } = report;
  const isNumbered = zones.length > MOST_NAMED;
  const header = [
    markup`from <span aria-hidden="true">↓</span> to <span aria-hidden="true">→</span>`,
    ...zones.map(({ name }, at) =>
      isNumbered ? markup`<abbr title="${name}">${at + 1}</abbr><span class="hidden"> ${name}</span>` : name,
    ),
  ];
  const rows = matrixOf(report).map((pairs, at) => [
    isNumbered ? markup`<span class="soft">${at + 1}</span> ${zones[at].name}` : zones[at].name,
    ...pairs.map(({ from, to, state, links: own }) => {
      if (from === to) return "";
      const why = own.flatMap((link) => link.why);
      const title = `${from} to ${to}: ${WORDS[state]}${why.length > 0 ? ` (${why.join("; ")})` : ""}`;
      return markup`<span class="cell ${PAIR_TONES[state]}" title="${title}"><span aria-hidden="true">${SIGNS[PAIR_TONES[state]]}</span><span class="hidden">${WORDS[state]}</span></span>`;
    }),
  ]);
  const shut = links.filter(({ state }) => state !== "open");
  const reasons = shut.map(({ from, to, mesh, state, why }) => [
    from,
    to,
    mesh,
    badge(PAIR_TONES[state], state),
    why.join("; "),
  ]);
  return markup`${table("Calls from zone to zone", header, rows, "matrix")}
    <p class="soft">
      ${links.length - shut.length} of ${links.length} ways are open, counted for each mesh. Policies are not
      reckoned with.
    </p>
    ${
      shut.length > 0 &&
      markup`<details>
        <summary>Why ${plural(shut.length, "way")} ${shut.length === 1 ? "is" : "are"} not open</summary>
        ${table("Ways that are not open", ["From", "To", "Mesh", "State", "Why"], reasons, "stack")}
      </details>`
    }`;
}

function meshes(report: StatusReport): Markup {
  const rows = report.meshes.map(({ name, mtls, egress, zones, proxies, services: count }) => [
    name,
    badge(mtls ? "good" : zones.length > 1 ? "bad" : "none", mtls ? "on" : "off"),
    egress ? "zone egress" : "direct",
    zones.join(", ") || "–",
    proxiesWord(proxies),
    String(count),
  ]);
  return table("Meshes", ["Mesh", "mTLS", "To other zones", "Zones", "Proxies", "Services"], rows, "stack");
}

function toneOf({ registered, connected }: { registered: number; connected: number | null }): Tone {
  if (connected === null) return "none";
  return connected === 0 ? "bad" : connected < registered ? "warn" : "good";
}

/** So many are shown at once; the others are a click away. */
const MOST_SERVICES = 20;

function services(report: StatusReport): Markup {
  const rows = report.services.map(({ mesh, service, zones }) => [
    markup`<code>${service}</code>`,
    mesh,
    markup`${zones.map(({ zone, ...proxies }) => markup`${badge(toneOf(proxies), `${zone} ${proxies.connected ?? "?"}/${proxies.registered}`)} `)}`,
  ]);
  const shown = (some: typeof rows, label: string) =>
    table(label, ["Service", "Mesh", "Proxies connected, by zone"], some, "stack");
  const more = rows.slice(MOST_SERVICES);
  return markup`${shown(rows.slice(0, MOST_SERVICES), "Services")}${
    more.length > 0 &&
    markup`<details>
      <summary>${more.length} more</summary>
      ${shown(more, "More services")}
    </details>`
  }`;
}

function ends({ ends: all, time }: StatusReport): Markup {
  const rows = all.map((each) => [each.what, momentWord(each.ends), endBadge(each, time)]);
  return table("Certificates and tokens", ["What", "Ends", "State"], rows, "stack");
}

function resources(report: StatusReport): Markup {
  const rows = report.resources.map(({ type, mesh, expected, present, different }) => [
    breakable(type),
    mesh ?? "–",
    String(expected),
    present < expected ? badge("bad", String(present)) : String(present),
    String(different),
  ]);
  const sum = report.resources.reduce((all, each) => all + each.expected, 0);
  const header = ["Type", "Mesh", "Expected", "On the global", "Different"];
  return markup`<details>
    <summary>${plural(sum, "resource")} by type and mesh</summary>
    ${table("What was federated", header, rows, "numbers")}
  </details>`;
}
