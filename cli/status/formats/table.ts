import { formatTable } from "../../terminal/table";
import { shortened } from "../../../kuma";
import { plural } from "../../../kuma/plural";
import {
  Remark,
  duration,
  endingLevel,
  equalWord,
  headlineOf,
  momentWord,
  proxiesWord,
  remarksOf,
  stateOf,
  syncWord,
  zoneProxiesWord,
} from "../digest";
import type { StatusReport } from "../report";

/** How many services, and how much evidence of one remark, a person reads on a terminal. */
const MOST_SERVICES = 40;
const MOST_EVIDENCE = 20;

/** What is wrong comes first. */
export function formatStatus(report: StatusReport): string {
  const parts = [
    `${headlineOf(report)}.`,
    ...remarksOf(report).map(formatRemark),
    formatGlobal(report),
    formatMembers(report),
    formatRefusals(report),
    formatAlone(report),
    formatMeshes(report),
    formatLinks(report),
    formatServices(report),
    formatEnds(report),
    formatResources(report),
    formatLedger(report),
    formatMarkers(report),
    report.ok ? healthy(report) : "",
  ];
  return parts.filter(Boolean).join("\n\n");
}

function formatRemark({ level, sentence, code, evidence, remedy, doc }: Remark): string {
  const shown = shortened(evidence, MOST_EVIDENCE).map((line) => `    ${line}`);
  return [
    `${level === "problem" ? "Problem" : "Warning"}: ${sentence}${code === undefined ? "" : ` [${code}]`}`,
    ...shown,
    ...(remedy === undefined ? [] : [`    ${remedy}${doc === undefined ? "" : ` (${doc})`}`]),
  ].join("\n");
}

/** Zones with all that is told of them; `up` shows a smaller table. */
function formatMembers({ zones, time }: StatusReport): string {
  const rows = zones.map((zone) => [
    zone.name,
    stateOf(zone),
    zone.since === null ? "-" : duration(zone.since, time),
    `${zone.version ?? "unknown"}${zone.skew === "older" || zone.skew === "newer" ? ` (${zone.skew})` : ""}`,
    syncWord(zone.sync),
    zone.sync?.at ? `${duration(zone.sync.at, time)} ago` : "-",
    equalWord(zone.globalToZone),
    equalWord(zone.zoneToGlobal),
    zoneProxiesWord(zone.ingress),
    zoneProxiesWord(zone.egress),
    proxiesWord(zone.proxies),
  ]);
  const header = ["ZONE", "STATE", "SINCE", "VERSION", "SYNC", "LAST", "GLOBAL TO ZONE", "ZONE TO GLOBAL"];
  return rows.length === 0 ? "" : formatTable([...header, "INGRESS", "EGRESS", "PROXIES"], rows);
}

function formatRefusals({ zones }: StatusReport): string {
  const rows = zones.flatMap(({ name, sync }) =>
    (sync?.types ?? [])
      .filter(({ refused }) => refused > 0)
      .map(({ type, sent, refused }) => [name, type, String(refused), String(sent)]),
  );
  return rows.length === 0 ? "" : formatTable(["ZONE", "REFUSES", "RESPONSES", "OF"], rows);
}

function formatMeshes({ meshes }: StatusReport): string {
  const rows = meshes.map(({ name, mtls, egress, zones, proxies, services }) => [
    ...[name, mtls ? "on" : "off", egress ? "zone egress" : "direct", zones.join(", ") || "-"],
    ...[proxiesWord(proxies), String(services)],
  ]);
  return rows.length === 0
    ? ""
    : formatTable(["MESH", "MTLS", "TO OTHER ZONES", "ZONES", "PROXIES", "SERVICES"], rows);
}

/** Pairs between which calls cannot go, by their reason: those that are open are counted. */
function formatLinks({ links }: StatusReport): string {
  if (links.length === 0) return "";
  const open = links.filter(({ state }) => state === "open").length;
  const rows = links
    .filter(({ state }) => state !== "open")
    .map(({ from, to, mesh, state, why }) => [from, to, mesh, state, why.join("; ")]);
  const counted = `Calls between zones: ${open} of ${links.length} ways are open.`;
  return rows.length === 0
    ? counted
    : `${counted}\n\n${formatTable(["FROM", "TO", "MESH", "CALLS", "WHY"], rows)}`;
}

function formatServices({ services }: StatusReport): string {
  const rows = services
    .slice(0, MOST_SERVICES)
    .map(({ mesh, service, zones }) => [
      mesh,
      service,
      zones.map(({ zone, ...proxies }) => `${zone} (${proxiesWord(proxies)})`).join(", "),
    ]);
  if (rows.length === 0) return "";
  const left = services.length - rows.length;
  const more = left > 0 ? `\nand ${left} more (--output json has all)` : "";
  return formatTable(["MESH", "SERVICE", "ZONES (PROXIES CONNECTED)"], rows) + more;
}

/** What ends soon, or in any case the first. */
function formatEnds({ ends, time }: StatusReport): string {
  const near = ends.filter((each) => endingLevel(each, time) !== "later");
  const shown = near.length > 0 ? near : ends.filter(({ renewed }) => !renewed).slice(0, 1);
  const rows = shown.map((each) => [
    each.what,
    momentWord(each.ends),
    endingLevel(each, time) === "ended"
      ? `ended ${duration(each.ends, time)} ago`
      : duration(time, each.ends),
  ]);
  return rows.length === 0 ? "" : formatTable(["ENDS NEXT", "AT", "IN"], rows);
}

function formatGlobal({ global }: StatusReport): string {
  if (global === null) return "";
  const { address, product, version } = global;
  return `Global: ${product === null ? "unknown" : `${product} ${version}`} at ${address}`;
}

export function formatAlone({ alone }: Pick<StatusReport, "alone">): string {
  return alone
    .map(
      ({ name, version }) =>
        `Zone ${name} runs alone${version === null ? ", and does not answer" : `: ${version}`}`,
    )
    .join("\n");
}

const OCCASIONS = { joined: "joined its global", handedOver: "handed its policies over" };

/** What was compared, when, and what came of it. */
export function formatLedger({ ledger }: Pick<StatusReport, "ledger">): string {
  return ledger
    .map(({ zone, occasion, recorded, comparedBy, explained, unexplained }) => {
      const rules = Object.entries(explained ?? {}).map(([code, count]) => `${code} ${count}`);
      const result =
        unexplained.length > 0
          ? `${unexplained.length} unexplained, see the problem below`
          : `each difference explained${rules.length > 0 ? ` (${rules.join(", ")})` : ""}`;
      return `Ledger of ${zone}, ${OCCASIONS[occasion]}: ${recorded} resources compared by ${comparedBy.slice(0, 19).replace("T", " ")} UTC: ${result}`;
    })
    .join("\n");
}

export function formatMarkers({ markers }: Pick<StatusReport, "markers">): string {
  return markers.map(({ told }) => `Marker: ${told}`).join("\n");
}

function healthy({ zones, resources }: StatusReport): string {
  if (zones.length === 0) return "No zone is federated, and by the stack file none is to be.";
  const different = resources.reduce((sum, row) => sum + row.different, 0);
  return different === 0
    ? "Healthy."
    : `Healthy. The global owns what was carried, and has changed ${plural(different, "resource")} of it since.`;
}

export function formatZones({ zones }: Pick<StatusReport, "zones">): string {
  const rows = zones.map((zone) => [
    zone.name,
    stateOf(zone),
    zone.version ?? "unknown",
    equalWord(zone.globalToZone),
    equalWord(zone.zoneToGlobal),
  ]);
  return rows.length === 0
    ? ""
    : formatTable(["ZONE", "STATE", "VERSION", "GLOBAL TO ZONE", "ZONE TO GLOBAL"], rows);
}

/** A proxy may be registered and not connected: then it gets no changes. */
export function formatProxies({ zones }: Pick<StatusReport, "zones">): string {
  return zones
    .filter(({ proxies }) => proxies && proxies.registered > 0)
    .map(
      ({ name, proxies }) =>
        `Data plane proxies of ${name}: ${proxies?.connected} of ${proxies?.registered} connected`,
    )
    .join("\n");
}

export function formatResources({ resources }: Pick<StatusReport, "resources">): string {
  const rows = resources.map(({ type, mesh, expected, present, different }) => [
    type,
    mesh ?? "-",
    String(expected),
    String(present),
    String(different),
  ]);
  return rows.length === 0
    ? ""
    : formatTable(["RESOURCE", "MESH", "EXPECTED", "ON GLOBAL", "DIFFERENT"], rows);
}
