import { code, row, words } from "../../comment/text";
import {
  Pair,
  countsOf,
  duration,
  endingLevel,
  equalWord,
  matrixOf,
  momentWord,
  outcomeWord,
  proxiesWord,
  remarksOf,
  stateOf,
  syncWord,
  zoneProxiesWord,
} from "../digest";
import type { StatusReport } from "../report";

const MOST_EVIDENCE = 20;
const MOST_SERVICES = 100;

/** For an issue, a wiki or a job's summary. What control planes say stands as code, so that no forge obeys it. */
export function markdownStatus(report: StatusReport): string {
  const parts = [
    `## ${outcomeWord(report)}: stack ${code(report.stack)}`,
    [countsOf(report), momentWord(report.time)].filter(Boolean).join("; "),
    ...remarks(report),
    ...chapter("Zones", zones(report)),
    ...chapter("Calls between zones", calls(report)),
    ...chapter("Meshes", meshes(report)),
    ...chapter("Services", services(report)),
    ...chapter("Certificates and tokens", ends(report)),
  ];
  return parts.filter(Boolean).join("\n\n");
}

function chapter(title: string, text: string): string[] {
  return text === "" ? [] : [`### ${title}`, text];
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  return [row(...header), row(...header.map(() => "---")), ...rows.map((cells) => row(...cells))].join("\n");
}

function remarks(report: StatusReport): string[] {
  return remarksOf(report).map(({ level, sentence, evidence, remedy, code: name }) => {
    const shown = evidence.slice(0, MOST_EVIDENCE).map((each) => `  - ${code(each)}`);
    const left = evidence.length - shown.length;
    return [
      `- **${level === "problem" ? "Problem" : "Warning"}**${name === undefined ? "" : ` ${code(name)}`}: ${words(sentence)}`,
      ...shown,
      ...(left > 0 ? [`  - and ${left} more`] : []),
      ...(remedy === undefined ? [] : [`  - ${words(remedy)}`]),
    ].join("\n");
  });
}

function zones({ zones: all, time }: StatusReport): string {
  return table(
    [
      "Zone",
      "State",
      "Since",
      "Version",
      "Sync",
      "Global to zone",
      "Zone to global",
      "Ingress",
      "Egress",
      "Proxies",
    ],
    all.map((zone) => [
      code(zone.name),
      stateOf(zone),
      zone.since === null ? "-" : duration(zone.since, time),
      code(zone.version ?? "unknown"),
      syncWord(zone.sync),
      equalWord(zone.globalToZone),
      equalWord(zone.zoneToGlobal),
      zoneProxiesWord(zone.ingress),
      zoneProxiesWord(zone.egress),
      proxiesWord(zone.proxies),
    ]),
  );
}

const MARKS: Record<Pair["state"], string> = { open: "open", stale: "stale", closed: "closed", none: "-" };

function calls(report: StatusReport): string {
  if (report.links.length === 0) return "";
  const names = report.zones.map(({ name }) => code(name));
  return table(
    ["from \\ to", ...names],
    matrixOf(report).map((pairs, at) => [
      names[at],
      ...pairs.map(({ from, to, state }) => (from === to ? "" : MARKS[state])),
    ]),
  );
}

function meshes({ meshes: all }: StatusReport): string {
  return table(
    ["Mesh", "mTLS", "To other zones", "Zones", "Proxies", "Services"],
    all.map(({ name, mtls, egress, zones: inZones, proxies, services: count }) => [
      code(name),
      mtls ? "on" : "off",
      egress ? "zone egress" : "direct",
      inZones.map((zone) => code(zone)).join(", ") || "-",
      proxiesWord(proxies),
      String(count),
    ]),
  );
}

function services({ services: all }: StatusReport): string {
  const shown = table(
    ["Mesh", "Service", "Zones (proxies connected)"],
    all
      .slice(0, MOST_SERVICES)
      .map(({ mesh, service, zones: inZones }) => [
        code(mesh),
        code(service),
        inZones.map(({ zone, ...proxies }) => `${code(zone)} (${proxiesWord(proxies)})`).join(", "),
      ]),
  );
  return all.length > MOST_SERVICES ? `${shown}\n\nand ${all.length - MOST_SERVICES} more` : shown;
}

function ends({ ends: all, time }: StatusReport): string {
  return table(
    ["What", "Ends", "State"],
    all.map((each) => [
      code(each.what),
      momentWord(each.ends),
      { ended: "**ended**", soon: "soon", later: "valid" }[endingLevel(each, time)],
    ]),
  );
}
